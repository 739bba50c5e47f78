import { PREFILL_CHUNK } from '@rios/sdk/dmoe/graph-contract';
import { RiosError } from '@rios/sdk/errors/error';
import { expertsPartId } from '@rios/sdk/schema/manifest';
import {
  decodeExpertsRequest,
  type ExpertsRequest,
  encodePartials,
  type GroupEntries,
} from '@rios/sdk/wire/expert-codec';
import type { Work } from '../engine.ts';
import type { ExpertsSpec } from '../messages.ts';
import { createLocalExperts } from './local-experts.ts';
import type { SessionModules } from './session-modules.ts';
import { createWorkLogs } from './work-log.ts';

/** Groups served to another worker's stage, inside a compute thread. */
export interface ExpertServing {
  run(layer: number, body: Uint8Array): Promise<Uint8Array>;
  soFar(): Work;
  close(): Promise<Work>;
}

/** Opens a session over parts that are loaded. Throws RUNTIME_SESSION. */
export function openExpertServing(spec: ExpertsSpec, modules: SessionModules): ExpertServing {
  const { ort, openParts, randomBytes } = modules;
  const lease = openParts.lease(spec.modelHash, spec.parts);
  const work = createWorkLogs(spec.meteringTimes, spec.maxUnits, randomBytes(32));
  const compute = createLocalExperts(ort, lease, work);
  const { hidden } = lease.model.manifest.dims;
  const served = new Set<string>(spec.parts);
  const running = new Set<Promise<unknown>>();
  let closed = false;
  const answer = async (layer: number, body: Uint8Array) => {
    const request = decodeExpertsRequest(body);
    checkRequest(request, hidden);
    for (const { group } of request.groups) {
      if (!served.has(expertsPartId(layer, group))) throw refused('a group that the session does not hold');
    }
    const partials = await compute(layer, request.x, request.groups);
    const bytes = encodePartials(hidden, partials);
    work.call(request.rows, body, bytes);
    return bytes;
  };
  return {
    async run(layer, body) {
      if (closed) throw new RiosError('RUNTIME_SESSION', 'the session was closed');
      const result = answer(layer, body);
      running.add(result);
      return result.finally(() => running.delete(result));
    },
    soFar: work.soFar,
    async close() {
      closed = true;
      await Promise.allSettled(running);
      await lease.release();
      return work.toWork();
    },
  };
}

/** What the codec cannot know: sizes of this model, and the order that the numeric contract fixes. */
function checkRequest({ rows, hidden, x, groups }: ExpertsRequest, expected: number): void {
  if (hidden !== expected) throw refused('rows of another hidden size');
  if (rows > PREFILL_CHUNK) throw refused('more rows than a chunk has');
  if (!x.every(Number.isFinite)) throw refused('a number that is not finite');
  for (const entries of groups) checkOrder(entries);
}

function checkOrder({ rows, experts }: GroupEntries): void {
  for (let i = 1; i < rows.length; i++) {
    const rowStep = (rows[i] ?? 0) - (rows[i - 1] ?? 0);
    const expertStep = (experts[i] ?? 0) - (experts[i - 1] ?? 0);
    if (rowStep < 0 || (rowStep === 0 && expertStep <= 0)) throw refused('entries out of order');
  }
}

const refused = (what: string) => new RiosError('PEER_PROTOCOL', `experts were asked for with ${what}`);
