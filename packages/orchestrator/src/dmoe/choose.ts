import { type Candidate, compareText, type WorkerFacts } from './facts.ts';

/** Predictions closer than this are equal: measured facts are not more exact. */
const TOLERANCE = 0.1;

/**
 * The best of `candidates`: among those within 10 % of the fastest prediction the one that moves the fewest parts,
 * then the one on the least busy workers, then the faster, then by peer id. Undefined when there is none.
 */
export function chooseCandidate(
  candidates: readonly Candidate[],
  workers: ReadonlyMap<string, WorkerFacts>,
): Candidate | undefined {
  const fastest = Math.min(...candidates.map(({ tpotMs }) => tpotMs));
  return candidates
    .filter(({ tpotMs }) => tpotMs <= fastest * (1 + TOLERANCE))
    .toSorted(
      (a, b) =>
        keptParts(b, workers) - keptParts(a, workers) ||
        sessions(a, workers) - sessions(b, workers) ||
        a.tpotMs - b.tpotMs ||
        compareText(keyOf(a), keyOf(b)),
    )[0];
}

function keptParts(candidate: Candidate, workers: ReadonlyMap<string, WorkerFacts>): number {
  return candidate.stages.reduce(
    (sum, { experts }) =>
      sum +
      experts.reduce((kept, { workerId, parts }) => {
        const held = new Set(workers.get(workerId)?.held);
        return kept + parts.filter((part) => held.has(part)).length;
      }, 0),
    0,
  );
}

const sessions = (candidate: Candidate, workers: ReadonlyMap<string, WorkerFacts>): number =>
  candidate.stages.reduce((sum, { workerId }) => sum + (workers.get(workerId)?.sessions ?? 0), 0);

const keyOf = (candidate: Candidate): string => candidate.stages.map(({ workerId }) => workerId).join();
