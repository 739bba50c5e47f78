import type { Clock } from '@rios/sdk/clock';

/** What ingress of this orchestrator saw of one deployment. Times are those to the first byte of an answer, ms. */
export interface AppFigures {
  readonly inFlight: number;
  /** Requests that wait for a replica. */
  readonly waiting: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Answered within the window, and those of them that failed (5xx, or no answer). */
  readonly requests: number;
  readonly errors: number;
}

export interface Figures {
  /** Of one deployment within the last `windowMs`; zeros when nothing came. */
  read(deploymentId: string, windowMs: number): AppFigures;
  /** A request waits for a replica; call what it returns when it waits no longer. */
  waits(deploymentId: string): () => void;
  /** A request was sent on; call what it returns when it is over. */
  begins(deploymentId: string): () => void;
  answered(deploymentId: string, answer: { firstByteMs: number; failed: boolean }): void;
}

/** Longest window, ms. */
const KEPT_MS = 60_000;
/** Answers kept of one deployment: percentiles are of these when more came. */
const MAX_KEPT = 4096;
/** Deployments kept at once; the one that is quiet for longest goes first. */
const MAX_DEPLOYMENTS = 4096;

interface Kept {
  inFlight: number;
  waiting: number;
  /** Newest last. */
  answers: { at: number; ms: number; failed: boolean }[];
}

/** Keeps the last minute of each deployment in memory. */
export function createFigures(clock: Clock): Figures {
  const all = new Map<string, Kept>();
  const of = (id: string): Kept => {
    const kept = all.get(id) ?? { inFlight: 0, waiting: 0, answers: [] };
    all.delete(id);
    all.set(id, kept);
    if (all.size > MAX_DEPLOYMENTS) forgetQuietest(all);
    return kept;
  };
  const count = (kept: Kept, what: 'inFlight' | 'waiting') => {
    kept[what] += 1;
    let over = false;
    return () => {
      if (!over) kept[what] -= 1;
      over = true;
    };
  };
  return {
    read(id, windowMs) {
      const kept = all.get(id);
      if (kept === undefined) return NOTHING;
      const since = clock.now() - Math.min(windowMs, KEPT_MS);
      const answers = kept.answers.filter(({ at }) => at > since);
      const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
      return {
        inFlight: kept.inFlight,
        waiting: kept.waiting,
        p50Ms: percentile(sorted, 0.5),
        p95Ms: percentile(sorted, 0.95),
        requests: answers.length,
        errors: answers.filter(({ failed }) => failed).length,
      };
    },
    waits: (id) => count(of(id), 'waiting'),
    begins: (id) => count(of(id), 'inFlight'),
    answered(id, { firstByteMs, failed }) {
      const kept = of(id);
      const now = clock.now();
      kept.answers.push({ at: now, ms: firstByteMs, failed });
      if (kept.answers.length < MAX_KEPT * 2) return;
      kept.answers = kept.answers.filter(({ at }) => at > now - KEPT_MS).slice(-MAX_KEPT);
    },
  };
}

const NOTHING: AppFigures = { inFlight: 0, waiting: 0, p50Ms: 0, p95Ms: 0, requests: 0, errors: 0 };

function forgetQuietest(all: Map<string, Kept>): void {
  for (const [id, { inFlight, waiting }] of all) {
    if (inFlight === 0 && waiting === 0) {
      all.delete(id);
      return;
    }
  }
}

/** Nearest rank; 0 of nothing. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
