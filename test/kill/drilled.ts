import { fileURLToPath } from 'node:url';
import { type Restartable, startRestartable } from '../support/restartable.ts';
import { DOOM, type Doom } from './fault-points.ts';

/** One orchestrator that ends itself, and comes back on the same data directory, with the same ports and keys. */
export interface Drilled
  extends Pick<Restartable, 'dataDir' | 'apiUrl' | 'token' | 'client' | 'kill' | 'stop'> {
  /** When it was started that was last ready, ms since 1970. */
  readonly bornAt: number;
  /** Starts it, after the end of the one before; resolves once it is ready, or dying. `doom`: when it is to end. */
  start(doom: Doom): Promise<void>;
  /** The point at which it ended itself; undefined when it came to none in time, and was killed then. */
  death(timeoutMs: number): Promise<string | undefined>;
}

export interface DrilledOptions {
  readonly dataDir: string;
  readonly flags: readonly string[];
}

/** A point that no work comes to: who has it lives. */
export const UNDOOMED: Doom = { point: 'none', passes: 0, anyAfterMs: 1e12 };

const script = fileURLToPath(new URL('./drilled-main.ts', import.meta.url));
/** For what runs on sources. */
export const NODE_OPTIONS = '--conditions=@rios/source --disable-warning=ExperimentalWarning';

/** Starts one that lives. */
export async function startDrilled({ dataDir, flags }: DrilledOptions): Promise<Drilled> {
  const env = { NODE_OPTIONS, [DOOM]: JSON.stringify(UNDOOMED) };
  let bornAt = Date.now();
  const base = await startRestartable({ dataDir, env, flags, script });
  const pointOfDeath = () => base.process.events.find(({ event }) => event === 'dying')?.point;
  return {
    ...base,
    get bornAt() {
      return bornAt;
    },
    start: async (doom) => {
      await base.kill();
      env[DOOM] = JSON.stringify(doom);
      const now = Date.now();
      try {
        await base.restart();
        bornAt = now;
      } catch (error) {
        if (pointOfDeath() === undefined) throw error;
      }
    },
    death: async (timeoutMs) => {
      const { process } = base;
      const timer = setTimeout(() => void process.kill('SIGKILL'), timeoutMs);
      const { code, signal } = await process.whenExited;
      clearTimeout(timer);
      if (signal === 'SIGKILL') return pointOfDeath()?.toString();
      throw new Error(`it ended by itself with ${code}: ${JSON.stringify(process.events)}\n${process.log()}`);
    },
  };
}
