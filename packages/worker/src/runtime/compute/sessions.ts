import { RiosError } from '@rios/sdk/errors/error';
import type { Work } from '../engine.ts';
import type { SessionKey } from '../messages.ts';
import type { ExpertServing } from './expert-serving.ts';
import type { Stage } from './stage.ts';

/** The open sessions of a thread. */
export interface Sessions {
  add(
    key: SessionKey,
    session: { kind: 'stage'; stage: Stage } | { kind: 'experts'; serving: ExpertServing },
  ): void;
  /** Throws RUNTIME_SESSION when it is not open. */
  stage(key: SessionKey): Stage;
  experts(key: SessionKey): ExpertServing;
  soFar(key: SessionKey): Work;
  close(key: SessionKey): Promise<Work>;
  /** Ends all of them; resolves when nothing computes any more. */
  closeAll(): Promise<void>;
}

export function createSessions(): Sessions {
  const stages = new Map<SessionKey, Stage>();
  const servings = new Map<SessionKey, ExpertServing>();
  const sessionOf = (key: SessionKey) => stages.get(key) ?? servings.get(key) ?? notOpen();
  const close = async (key: SessionKey) => {
    const work = await sessionOf(key).close();
    stages.delete(key);
    servings.delete(key);
    return work;
  };
  return {
    add(key, session) {
      if (session.kind === 'stage') stages.set(key, session.stage);
      else servings.set(key, session.serving);
    },
    stage: (key) => stages.get(key) ?? notOpen(),
    experts: (key) => servings.get(key) ?? notOpen(),
    soFar: (key) => sessionOf(key).soFar(),
    close,
    async closeAll() {
      await Promise.all([...stages.keys(), ...servings.keys()].map(close));
    },
  };
}

function notOpen(): never {
  throw new RiosError('RUNTIME_SESSION', 'the session is not open');
}
