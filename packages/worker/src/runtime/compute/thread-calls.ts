import { randomBytes } from 'node:crypto';
import { systemClock } from '@rios/sdk/clock';
import { fromErrorBody, toErrorBody } from '@rios/sdk/errors/error';
import type { CallHandlers, Channel } from '../channel.ts';
import type { ComputeCalls, NetworkCalls, SessionKey } from '../messages.ts';
import { openExpertServing } from './expert-serving.ts';
import { checkFile } from './model-files.ts';
import { loadModelText, type ModelText } from './model-text.ts';
import { createOpenParts } from './open-parts.ts';
import type { Ort } from './ort.ts';
import type { SessionModules } from './session-modules.ts';
import { createSessions } from './sessions.ts';
import { openStage } from './stage.ts';
import type { StageLinks } from './stage-base.ts';

/** Everything that a compute thread does for the main thread. `main` is asked late: it needs these first. */
export function createThreadCalls(ort: Ort, main: () => Channel<NetworkCalls>): CallHandlers<ComputeCalls> {
  const openParts = createOpenParts(ort);
  const sessions = createSessions();
  const texts = new Map<string, Promise<ModelText>>();
  const text = (modelHash: string) => {
    const loading = texts.get(modelHash) ?? loadModelText(openParts.model(modelHash));
    texts.set(modelHash, loading);
    loading.catch(() => texts.delete(modelHash));
    return loading;
  };
  const modules: SessionModules = { ort, openParts, text, clock: systemClock, randomBytes };
  return {
    model: (model) => openParts.add(model),
    async check({ modelHash, paths }) {
      for (const path of paths) await checkFile(openParts.model(modelHash), path);
    },
    load: ({ modelHash, parts }) => openParts.load(modelHash, parts),
    async unload({ modelHash, parts }) {
      texts.delete(modelHash);
      await openParts.unload(modelHash, parts);
    },
    async openStage({ key, spec }) {
      sessions.add(key, { kind: 'stage', stage: await openStage(spec, modules, linksTo(main(), key)) });
    },
    async openExperts({ key, spec }) {
      sessions.add(key, { kind: 'experts', serving: openExpertServing(spec, modules) });
    },
    runExperts: ({ key, layer, body }) => sessions.experts(key).run(layer, body),
    generate: ({ key, input, sampling }) => sessions.stage(key).generate(input, sampling),
    evaluate: ({ key, ids, wanted }) => sessions.stage(key).evaluate(ids, wanted),
    hidden: async ({ key, position, rows, hidden }) => sessions.stage(key).hidden(position, rows, hidden),
    fail: async ({ key, error }) => sessions.stage(key).fail(fromErrorBody(error, 'BUG_UNEXPECTED')),
    soFar: async ({ key }) => sessions.soFar(key),
    close: ({ key }) => sessions.close(key),
    async release() {
      await sessions.closeAll();
      await openParts.clear();
    },
  };
}

/** A stage's ways out: through the main thread. */
function linksTo(main: Channel<NetworkCalls>, key: SessionKey): StageLinks {
  return {
    askPeer: (peerId, layer, body) => main.call('remoteExperts', { key, peerId, layer, body }),
    push: (position, rows, hidden) => main.call('pushHidden', { key, position, rows, hidden }),
    part: (part) => main.tell('part', { key, part }),
    failed: (error) => main.tell('failed', { key, error: toErrorBody(error) }),
  };
}
