import { systemClock } from '@rios/sdk/clock';
import { createIdentity, type Identity } from '@rios/sdk/crypto/identity';
import { createNetworkKey, issueCertificate } from '@rios/sdk/crypto/network';
import { createNonceSet, issueTicket } from '@rios/sdk/crypto/ticket';
import { RiosError } from '@rios/sdk/errors/error';
import { createId, type PartId, type SessionId } from '@rios/sdk/ids';
import { silentLog } from '@rios/sdk/log';
import { type GeneratedEnd, generatedEndSchema } from '@rios/sdk/schema/inference';
import type { Stage } from '@rios/sdk/schema/route';
import { createLink } from '@rios/sdk/wire/connect';
import type { Handlers, Link } from '@rios/sdk/wire/link';
import { createMemoryPair } from '@rios/sdk/wire/memory-pair';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { DATA, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { openReceiptLog } from '../../packages/worker/src/receipt-log.ts';
import { createEngine } from '../../packages/worker/src/runtime/create-engine.ts';
import type { Engine, ModelFiles } from '../../packages/worker/src/runtime/engine.ts';
import type { ServeContext } from '../../packages/worker/src/serve/context.ts';
import { createDataHandlers } from '../../packages/worker/src/serve/data-handlers.ts';
import { createLinkWatch } from '../../packages/worker/src/serve/link-watch.ts';
import { createSessions } from '../../packages/worker/src/serve/sessions.ts';

/** What one answer took. */
export interface RigRun {
  /** Of all threads of this process. */
  readonly cpuMs: number;
  readonly tokens: number;
  readonly end: GeneratedEnd;
}

/** A first stage that computes all, or all but the groups that an expert worker computes for it. */
export interface Rig {
  /** @param isMetered with metering, done as often as the rig was told; else without */
  run(isMetered: boolean, tokens: number): Promise<RigRun>;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly model: ModelFiles;
  readonly shape: 'replica' | 'island';
  /** How often metering is done where it is. */
  readonly times: number;
  /** Where receipts are kept. */
  readonly folder: string;
}

const PROMPT = [1, 2, 3, 4, 5, 6, 7, 8];
const DEADLINE_MS = 600_000;

/** One worker's end, with metering or without; both share its engine. */
interface Served {
  readonly identity: Identity;
  readonly handlers: Handlers;
}

/**
 * The serving code of workers as it is, over links in memory: no encryption and no sockets, so that what is compared
 * is next to the computing alone.
 */
export async function createRig({ model, shape, times, folder }: RigOptions): Promise<Rig> {
  const network = createNetworkKey();
  const orchestrator = createIdentity();
  const certificate = issueCertificate(network, orchestrator.peerId, Date.now(), 86_400_000);
  const receiptLog = await openReceiptLog(folder, { clock: systemClock, log: silentLog });
  const parts = model.manifest.parts.map(({ id }) => id as PartId);
  const identities = { first: createIdentity(), expert: createIdentity() };
  const engines = { first: await startEngine(model, parts), expert: await startEngine(model, parts) };
  const serve = (
    role: 'first' | 'expert',
    isMetered: boolean,
    connect: ServeContext['peer']['connect'],
  ): Served => {
    const sessions = createSessions(systemClock);
    const context: ServeContext = {
      identity: identities[role],
      networkId: network.networkId,
      networkPublicKey: network.publicKey,
      price: '1000000000000000',
      peer: { connect },
      engine: engines[role],
      requireReady: async () => model,
      sessions,
      accepts: () => true,
      links: createLinkWatch(systemClock),
      receiptLog,
      meteringTimes: isMetered ? times : 0,
      seen: createNonceSet(systemClock),
      isDraining: () => false,
      clock: systemClock,
      log: silentLog,
    };
    return { identity: identities[role], handlers: createDataHandlers(context) };
  };
  const open = (isMetered: boolean): Link => {
    const expert = serve('expert', isMetered, () =>
      Promise.reject(new RiosError('PEER_UNREACHABLE', 'nobody')),
    );
    const toExpert = linkTo(expert, identities.first.peerId);
    return linkTo(
      serve('first', isMetered, async () => toExpert),
      orchestrator.peerId,
    );
  };
  const links = { on: open(true), off: open(false) };
  const ticketFor = (holder: string, audience: string, requestId: string, covered: readonly string[]) =>
    issueTicket(
      orchestrator,
      certificate,
      {
        networkId: network.networkId,
        purpose: 'compute',
        holder,
        audience,
        requestId,
        modelHash: model.modelHash,
        parts: [...covered],
        maxUnits: Number.MAX_SAFE_INTEGER,
        expiresAt: Date.now() + DEADLINE_MS,
      },
      Date.now(),
    );
  const stageOf = (requestId: string): Stage => {
    const remote = shape === 'replica' ? [] : remoteGroups(parts);
    const { first, expert } = identities;
    const worker = { peerId: first.peerId, addresses: [] };
    const ticket = ticketFor(orchestrator.peerId, first.peerId, requestId, parts);
    const held = {
      worker: { peerId: expert.peerId, addresses: [] },
      parts: remote,
      ticket: ticketFor(first.peerId, expert.peerId, requestId, remote),
    };
    const experts = remote.length === 0 ? [] : [held];
    return { worker, from: 0, to: model.manifest.dims.layers, ticket, experts };
  };
  return {
    async run(isMetered, tokens) {
      const requestId = createId('req', Date.now());
      const sessionId = createId<SessionId>('ses', Date.now());
      const stages = [stageOf(requestId)];
      const route = { requestId, sessionId, epoch: 1, modelHash: model.modelHash, shape, stages };
      const message = payload({ route, input: { kind: 'ids', ids: PROMPT }, sampling: greedy(tokens) });
      const link = isMetered ? links.on : links.off;
      const before = process.cpuUsage();
      const options = { deadlineMs: DEADLINE_MS, epoch: 1 };
      const { meta } = await link.request(Method.generate, message, options, () => {});
      const { user, system } = process.cpuUsage(before);
      const end = decodeMeta(generatedEndSchema, meta);
      return { cpuMs: (user + system) / 1000, tokens: end.usage.completionTokens, end };
    },
    async stop() {
      await Promise.all([links.on.close(), links.off.close()]);
      await Promise.all([engines.first.stop(), engines.expert.stop()]);
      await receiptLog.stop();
    },
  };
}

/** The end of a link that asks; the other one serves. */
function linkTo({ identity, handlers }: Served, asker: string): Link {
  const [near, far] = createMemoryPair();
  createLink(far, { protocol: DATA, peerId: asker, dialler: false, handlers });
  return createLink(near, { protocol: DATA, peerId: identity.peerId, dialler: true, handlers: {} });
}

async function startEngine(model: ModelFiles, parts: readonly PartId[]): Promise<Engine> {
  const engine = await createEngine({ threads: 1 });
  await engine.load(model, parts);
  return engine;
}

/** Every second group of each layer. */
function remoteGroups(parts: readonly PartId[]): PartId[] {
  return parts.filter((id) => id.startsWith('experts.')).filter((_, index) => index % 2 === 1);
}

const greedy = (maxTokens: number) => ({
  maxTokens,
  temperature: 0,
  topP: 1,
  seed: 0,
  stop: [],
  stopAtEos: false,
  logprobs: null,
  echo: false,
});
