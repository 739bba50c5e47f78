// mocha's own `spec` output, and a summary in JSON for scripts/test.mjs (its path is in RIOS_TEST_SUMMARY).
const { writeFileSync } = require('node:fs');
const { relative } = require('node:path');
const Mocha = require('mocha');

const SLOWEST = 10;

class Reporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const finished = [];
    const pending = [];
    const failed = [];
    runner.on('test end', (test) => finished.push({ title: test.fullTitle(), ms: test.duration ?? 0 }));
    const spent = timeOfFiles(runner);
    runner.on('pending', (test) => pending.push(test.fullTitle()));
    runner.on('fail', (test) => failed.push(test.fullTitle()));
    runner.once('end', () => {
      const file = process.env.RIOS_TEST_SUMMARY;
      if (!file) return;
      const { passes, failures } = this.stats;
      const slowest = finished.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
      const files = [...spent].map(([name, ms]) => ({ name, ms })).sort((a, b) => b.ms - a.ms);
      writeFileSync(file, JSON.stringify({ passes, failures, failed, pending, slowest, files }));
    });
  }
}

/** Milliseconds of each file's suites, their hooks included. */
function timeOfFiles(runner) {
  const spent = new Map();
  const begun = new Map();
  const isOutermost = (suite) => suite.parent?.root === true;
  runner.on('suite', (suite) => {
    if (isOutermost(suite)) begun.set(suite, Date.now());
  });
  runner.on('suite end', (suite) => {
    if (!isOutermost(suite)) return;
    const name = relative(process.cwd(), suite.file ?? '');
    spent.set(name, (spent.get(name) ?? 0) + Date.now() - begun.get(suite));
  });
  return spent;
}

module.exports = Reporter;
