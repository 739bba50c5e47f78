import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { StageSpec, Work } from '../engine.ts';
import { createFirstStage } from './first-stage.ts';
import { createFollowingStage } from './following-stage.ts';
import { createLayerExperts } from './layer-experts.ts';
import { createLocalExperts } from './local-experts.ts';
import type { ModelText } from './model-text.ts';
import type { PartLease } from './open-parts.ts';
import type { SessionModules } from './session-modules.ts';
import type { StageBase, StageLinks, StageRole } from './stage-base.ts';
import { createStageForward } from './stage-forward.ts';
import { stageParts } from './stage-parts.ts';
import { createStopSwitch } from './stop-switch.ts';
import { createWorkLogs } from './work-log.ts';

/** One open stage session inside a compute thread. */
export interface Stage extends Omit<StageRole, 'settled'> {
  fail(error: unknown): void;
  soFar(): Work;
  close(): Promise<Work>;
}

/** Opens a session over parts that are loaded. Throws RUNTIME_SESSION, PEER_PROTOCOL. */
export async function openStage(spec: StageSpec, modules: SessionModules, links: StageLinks): Promise<Stage> {
  const { ort, openParts, clock } = modules;
  const { manifest } = openParts.model(spec.modelHash);
  const lease = openParts.lease(spec.modelHash, stageParts(spec, manifest));
  const text = spec.first ? await textOrRelease(modules, lease) : undefined;
  const work = createWorkLogs(spec.meteringTimes, spec.maxUnits, modules.randomBytes(32));
  const stop = createStopSwitch();
  const local = createLocalExperts(ort, lease, work);
  const experts = createLayerExperts(spec.remote, manifest.dims.hidden, local, (peerId, layer, body) =>
    stop.guard(links.askPeer(peerId, layer, body)),
  );
  const forward = createStageForward(spec.from, spec.to, { ort, lease, work, experts, check: stop.check });
  const base: StageBase = { spec, lease, ort, work, stop, forward, links, clock };
  const role = text === undefined ? createFollowingStage(base) : createFirstStage(base, text);
  return {
    ...role,
    fail: (error) => stop.stop(toRiosError(error)),
    soFar: work.soFar,
    async close() {
      stop.stop(new RiosError('RUNTIME_SESSION', 'the session was closed'));
      await role.settled();
      await lease.release();
      return work.toWork();
    },
  };
}

async function textOrRelease({ text }: SessionModules, lease: PartLease): Promise<ModelText> {
  try {
    return await text(lease.model.modelHash);
  } catch (error) {
    await lease.release();
    throw error;
  }
}
