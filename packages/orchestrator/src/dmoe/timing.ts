import { RiosError } from '@rios/sdk/errors/error';
import type { ModelSummary, PartSummary, StagePlan, WorkerFacts } from './facts.ts';
import type { PartTable } from './memory.ts';

/** float32 bytes of the probe's expert (hidden 256, ffn 512, three matrices), which `expertMs` was measured on. */
const PROBE_EXPERT_BYTES = 3 * 256 * 512 * 4;
/** Milliseconds of both ends to send and receive one frame on a libp2p stream (research/p2p.md, section 2). */
const FRAME_MS = 0.25;
/** Assumed where no round trip was measured: two home links. */
export const UNMEASURED_RTT_MS = 30;
/** An island is workers within this round trip of its trunk (research/dmoe.md, 4.1). */
export const ISLAND_RTT_MS = 2;

/** Round trip between two workers as either measured it; null when neither did. */
export function measuredRtt(a: WorkerFacts, b: WorkerFacts): number | null {
  if (a.peerId === b.peerId) return 0;
  return a.rttMs[b.peerId] ?? b.rttMs[a.peerId] ?? null;
}

const rtt = (a: WorkerFacts, b: WorkerFacts): number => measuredRtt(a, b) ?? UNMEASURED_RTT_MS;

/** Milliseconds to read `bytes` of weights once: the bound of a one-row matrix product. */
const readMs = (worker: WorkerFacts, bytes: number): number =>
  (bytes / Math.max(worker.readBytesPerSecond, 1)) * 1000;

/** Milliseconds of one expert of `bytes`: the probe's time scaled up, never faster than memory can be read. */
export function expertCallMs(worker: WorkerFacts, bytes: number): number {
  return Math.max(worker.expertMs * Math.max(1, bytes / PROBE_EXPERT_BYTES), readMs(worker, bytes));
}

/** Milliseconds of one decoded token of layers [from, to) with all experts on `worker`. */
export function localMs(
  model: ModelSummary,
  table: PartTable,
  worker: WorkerFacts,
  from: number,
  to: number,
) {
  let total = 0;
  for (let layer = from; layer < to; layer++) {
    const held = [{ worker, groups: table.groups[layer] ?? [] }];
    total += readMs(worker, table.trunks[layer]?.weightBytes ?? 0) + expertsMs(model, worker, held);
  }
  return total;
}

interface Holding {
  readonly worker: WorkerFacts;
  readonly groups: readonly PartSummary[];
}

/**
 * Milliseconds that one layer's experts take for one token, when the gate's choice is even over experts: workers
 * run side by side, so the slowest counts; a remote one adds its round trip, as often as it is asked at all.
 */
function expertsMs(model: ModelSummary, trunk: WorkerFacts, holdings: readonly Holding[]): number {
  return holdings.reduce((slowest, { worker, groups }) => {
    const experts = groups.reduce((sum, group) => sum + group.experts, 0);
    if (experts === 0) return slowest;
    const bytes = groups.reduce((sum, group) => sum + group.weightBytes, 0) / experts;
    const share = Math.min(1, experts / model.dims.experts);
    const asked = 1 - (1 - share) ** model.topK;
    const rounds = Math.ceil(Math.max(1, model.topK * share) / Math.max(1, worker.threads));
    const far = worker.peerId === trunk.peerId ? 0 : rtt(trunk, worker) + FRAME_MS;
    return Math.max(slowest, asked * (far + rounds * expertCallMs(worker, bytes)));
  }, 0);
}

/**
 * Predicted milliseconds per token of any placement (research/dmoe.md, section 2): weights read by each stage,
 * its experts, and half a round trip for each one-way push along the ring of stages.
 */
export function predictTpotMs(
  model: ModelSummary,
  table: PartTable,
  stages: readonly StagePlan[],
  workers: ReadonlyMap<string, WorkerFacts>,
): number {
  let total = readMs(first(stages, workers), endBytes(table));
  stages.forEach((stage, index) => {
    const worker = find(workers, stage.workerId);
    const next = find(workers, (stages[index + 1] ?? stages[0] ?? stage).workerId);
    if (stages.length > 1) total += rtt(worker, next) / 2 + FRAME_MS;
    total += stageMs(model, table, stage, workers);
  });
  return total;
}

function stageMs(
  model: ModelSummary,
  table: PartTable,
  stage: StagePlan,
  workers: ReadonlyMap<string, WorkerFacts>,
): number {
  const trunk = find(workers, stage.workerId);
  const holders = stage.experts.map(({ workerId, parts }) => ({
    worker: find(workers, workerId),
    parts: new Set(parts),
  }));
  let total = 0;
  for (let layer = stage.from; layer < stage.to; layer++) {
    const groups = table.groups[layer] ?? [];
    const holdings = holders.map(({ worker, parts }) => ({
      worker,
      groups: groups.filter(({ id }) => parts.has(id)),
    }));
    total += readMs(trunk, table.trunks[layer]?.weightBytes ?? 0) + expertsMs(model, trunk, holdings);
  }
  return total;
}

/** The head is read for every token; one row of the embedding is nothing. */
const endBytes = (table: PartTable): number =>
  table.ends.reduce((sum, part) => (part.kind === 'head' ? sum + part.weightBytes : sum), 0);

const first = (stages: readonly StagePlan[], workers: ReadonlyMap<string, WorkerFacts>): WorkerFacts =>
  find(workers, stages[0]?.workerId ?? '');

function find(workers: ReadonlyMap<string, WorkerFacts>, id: string): WorkerFacts {
  const found = workers.get(id);
  if (found === undefined)
    throw new RiosError('BUG_UNEXPECTED', `a placement names ${id}, which is not known`);
  return found;
}
