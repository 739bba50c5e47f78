// mocha's own `spec` output, and a summary in JSON for scripts/test.mjs (its path is in RIOS_TEST_SUMMARY).
const { writeFileSync } = require('node:fs');
const Mocha = require('mocha');

const SLOWEST = 10;

class Reporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const finished = [];
    const pending = [];
    runner.on('test end', (test) => finished.push({ title: test.fullTitle(), ms: test.duration ?? 0 }));
    runner.on('pending', (test) => pending.push(test.fullTitle()));
    runner.once('end', () => {
      const file = process.env.RIOS_TEST_SUMMARY;
      if (!file) return;
      const { passes, failures } = this.stats;
      const slowest = finished.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
      writeFileSync(file, JSON.stringify({ passes, failures, pending, slowest }));
    });
  }
}

module.exports = Reporter;
