import type { GeneratedEnd, GeneratedPart } from '@rios/sdk/schema/inference';
import { generatedEndSchema, generatedPartSchema } from '@rios/sdk/schema/inference';
import { expertsPartId, groupsPerLayer, type Manifest, trunkPartId } from '@rios/sdk/schema/manifest';
import type { Route, Stage } from '@rios/sdk/schema/route';
import type { Ticket } from '@rios/sdk/schema/trust';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { DATA, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { sampling } from '../../runtime/support/builders.ts';
import type { TestNetwork, TestWorker } from './network.ts';

/** Which worker computes which layers, and where groups of them are computed elsewhere. */
export interface StagePlan {
  readonly worker: TestWorker;
  readonly from: number;
  readonly to: number;
  readonly experts?: readonly { readonly worker: TestWorker; readonly groups: readonly number[] }[];
}

let requests = 0;

/** A fresh request id and session id. */
export function freshIds(): { requestId: string; sessionId: string } {
  const number = String(++requests).padStart(10, '0');
  return { requestId: `req_${number}`, sessionId: `ses_${number}` };
}

/** Changes to the tickets of a route, to make them wrong. */
export interface RouteChanges {
  readonly stageTicket?: Partial<Ticket>;
  readonly expertTicket?: Partial<Ticket>;
}

/** A route over the plans, with every ticket that it needs. */
export function routeOver(
  network: TestNetwork,
  plans: readonly StagePlan[],
  changes: RouteChanges = {},
): Route {
  const ids = freshIds();
  const { manifest, modelHash } = network.model;
  const first = plans[0]?.worker.identity.peerId;
  const stages = plans.map((plan, index): Stage => {
    const experts = (plan.experts ?? []).map(({ worker, groups }) => {
      const parts = layersOf(plan).flatMap((layer) => groups.map((group) => expertsPartId(layer, group)));
      const ticket = network.ticket({
        holder: plan.worker.identity.peerId,
        audience: worker.identity.peerId,
        requestId: ids.requestId,
        parts,
        ...changes.expertTicket,
      });
      return { worker: worker.address, ticket, parts };
    });
    const ticket = network.ticket({
      holder: index === 0 ? network.identity.peerId : (first ?? ''),
      audience: plan.worker.identity.peerId,
      requestId: ids.requestId,
      parts: stageParts(manifest, plan, index === 0),
      ...changes.stageTicket,
    });
    return { worker: plan.worker.address, from: plan.from, to: plan.to, ticket, experts };
  });
  const shape = plans.length > 1 ? 'chain' : plans[0]?.experts === undefined ? 'replica' : 'island';
  return { ...ids, epoch: 1, modelHash, shape, stages };
}

/** The parts that the plan's own worker needs. */
export function stageParts(manifest: Manifest, plan: StagePlan, isFirst: boolean): string[] {
  const remote = new Set((plan.experts ?? []).flatMap(({ groups }) => groups));
  const groups = Array.from({ length: groupsPerLayer(manifest) }, (_, i) => i).filter((i) => !remote.has(i));
  const layers = layersOf(plan).flatMap((layer) => [
    trunkPartId(layer),
    ...groups.map((group) => expertsPartId(layer, group)),
  ]);
  return isFirst ? ['embed', 'head', ...layers] : layers;
}

/** Parts of the groups in every layer. */
export function groupParts(manifest: Manifest, groups: readonly number[]): string[] {
  const layers = Array.from({ length: manifest.dims.layers }, (_, i) => i);
  return layers.flatMap((layer) => groups.map((group) => expertsPartId(layer, group)));
}

const layersOf = ({ from, to }: StagePlan) => Array.from({ length: to - from }, (_, i) => from + i);

/** What came back of a `generate`. */
export interface Generated {
  readonly ids: readonly number[];
  readonly end: GeneratedEnd;
}

/** Asks the first stage as an orchestrator does: greedy, without a stop token. */
export async function generate(
  network: TestNetwork,
  route: Route,
  ids: readonly number[],
  maxTokens: number,
  onPart: (part: GeneratedPart) => void = () => {},
  signal?: AbortSignal,
): Promise<Generated> {
  const first = route.stages[0];
  if (first === undefined) throw new Error('a route has stages');
  const link = await network.peer.connect(first.worker, DATA);
  const got: number[] = [];
  const answer = await link.request(
    Method.generate,
    payload({ route, input: { kind: 'ids', ids }, sampling: sampling({ maxTokens }) }),
    { deadlineMs: 60_000, epoch: route.epoch, ...(signal === undefined ? {} : { signal }) },
    ({ meta }) => {
      const part = decodeMeta(generatedPartSchema, meta);
      got.push(...part.ids);
      onPart(part);
    },
  );
  return { ids: got, end: decodeMeta(generatedEndSchema, answer.meta) };
}
