const SLOWEST = 10;
const SLOWEST_FILES = 20;

/**
 * Prints what came of one run or of many, each {name, summary, code, lingered}; the last line is `N passed, N failed`.
 * Returns the exit code.
 */
export function report(runs) {
  const summaries = runs.flatMap(({ summary }) => summary ?? []);
  const gather = (key) => summaries.flatMap((summary) => summary[key]).sort((a, b) => b.ms - a.ms);
  const slow = gather('slowest').filter(({ ms }) => ms >= 1000);
  for (const { title, ms } of slow.slice(0, SLOWEST)) console.log(`${ms} ms  ${title}`);
  for (const { name, ms } of gather('files').slice(0, SLOWEST_FILES)) console.log(`${ms} ms  ${name}`);
  for (const title of summaries.flatMap(({ pending }) => pending)) console.log(`skipped: ${title}`);
  for (const title of summaries.flatMap(({ failed }) => failed)) console.log(`failed: ${title}`);
  const broken = runs.map(countBroken).reduce((sum, count) => sum + count, 0);
  const total = (key) => summaries.reduce((sum, summary) => sum + summary[key], 0);
  const failed = total('failures') + broken;
  console.log(`${total('passes')} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

/** Failures that no test reported: says which, counts them. */
function countBroken({ name, summary, code, lingered }) {
  const of = name === undefined ? '' : `${name}: `;
  if (summary === undefined) console.log(`${of}the tests did not run to their end (exit code ${code})`);
  else if (lingered) console.log(`${of}a test left something open: the run did not end by itself`);
  else if (summary.failures === 0 && code !== 0) console.log(`${of}mocha left with exit code ${code}`);
  else return 0;
  return 1;
}
