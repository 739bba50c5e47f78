import type { ComputedEpoch } from './check-file-lines.ts';
import type { Findings } from './findings.ts';
import type { Publication, PublishedEpochs } from './read-published.ts';
import type { HeaderLine } from './receipts-format.ts';

export interface FileEpoch {
  readonly header: HeaderLine;
  readonly computed: ComputedEpoch;
}

/** Compares what a file comes to with what a chain has. Pure but for the findings that it adds. */
export function compareEpoch(file: FileEpoch, published: PublishedEpochs, findings: Findings): void {
  const { header, computed } = file;
  const { feeBps, before, publications } = published;
  findings.compare('contract', 'the contract has another share for the platform (basis points)', {
    expected: feeBps,
    actual: header.feeBps,
  });
  compareBefore(computed, before, findings);
  const publication = publications.findLast(({ state }) => state !== 'vetoed');
  if (publication === undefined) {
    reportAbsence(file, publications, findings);
    return;
  }
  const { root, receiptsRoot, totalWei } = publication;
  if (root !== computed.root && isVetoed(computed.root, publications)) {
    findings.add('vetoed', 'the root of this file was vetoed; another one took its place', {
      expected: root,
      actual: computed.root,
    });
    return;
  }
  findings.compare('root', 'the chain has another root', { expected: root, actual: computed.root });
  findings.compare('receipts-root', 'the chain has the receipts root of another file', {
    expected: receiptsRoot,
    actual: computed.receiptsRoot,
  });
  findings.compare('total', 'the chain has another total', { expected: totalWei, actual: computed.totalWei });
}

function reportAbsence(
  { header, computed }: FileEpoch,
  publications: readonly Publication[],
  findings: Findings,
): void {
  if (isVetoed(computed.root, publications)) {
    findings.add('vetoed', 'the root of this file was vetoed', { actual: computed.root });
    return;
  }
  const message = `the chain has no root of epoch ${header.epoch} that counts`;
  findings.add('absent', message, { actual: computed.root });
}

const isVetoed = (root: string, publications: readonly Publication[]): boolean =>
  publications.some((one) => one.root === root && one.state === 'vetoed');

/** What the file says was owed before must be what the chain had then: so no earlier file is needed. */
function compareBefore(
  { rootBefore, totalBeforeWei }: ComputedEpoch,
  before: Publication | undefined,
  findings: Findings,
): void {
  findings.compare('before', 'the amounts before lead to another root than the epoch before has', {
    expected: before?.root ?? 'none',
    actual: rootBefore ?? 'none',
  });
  const expected = before?.totalWei ?? 0n;
  const values = { expected, actual: totalBeforeWei };
  findings.compare('before', 'the amounts before are another sum than the total of the epoch before', values);
}
