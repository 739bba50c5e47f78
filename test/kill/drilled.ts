import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@rios/sdk/api/client';
import { freePort } from '../support/free-port.ts';
import { startProcess } from '../support/line-process.ts';
import { DOOM, type Doom } from './fault-points.ts';

/** One orchestrator that dies by itself, and comes back on the same data directory, with the same ports and keys. */
export interface Drilled {
  readonly dataDir: string;
  readonly apiUrl: string;
  /** Of its own token file. */
  readonly token: string;
  readonly client: Client;
  /** When it was started that was last ready, ms since 1970. */
  readonly bornAt: number;
  /** Starts it, after the end of the one before; resolves once it is ready, or dying. `doom`: when it is to end. */
  start(doom: Doom): Promise<void>;
  /** The point at which it ended itself; undefined when it came to none in time, and was killed then. */
  death(timeoutMs: number): Promise<string | undefined>;
  kill(): Promise<void>;
  /** SIGTERM. Idempotent. */
  stop(): Promise<void>;
}

export interface DrilledOptions {
  readonly dataDir: string;
  readonly flags: readonly string[];
}

/** A point that no work comes to: who has it lives. */
export const UNDOOMED: Doom = { point: 'none', passes: 0, anyAfterMs: 1e12 };

const MAIN = fileURLToPath(new URL('./drilled-main.ts', import.meta.url));
const READY_MS = 60_000;
/** For what runs on sources. */
export const NODE_OPTIONS = '--conditions=@rios/source --disable-warning=ExperimentalWarning';

/** Starts one that lives, on free ports that it keeps. */
export async function startDrilled({ dataDir, flags }: DrilledOptions): Promise<Drilled> {
  const [apiPort, peerPort] = [await freePort(), await freePort()];
  const ports = ['--api-port', String(apiPort), '--listen', `/ip4/127.0.0.1/tcp/${peerPort}`];
  const args = ['start', '--data-dir', dataDir, ...ports, ...flags];
  const spawn = (doom: Doom) =>
    startProcess(MAIN, args, { env: { NODE_OPTIONS, [DOOM]: JSON.stringify(doom) } });
  let running = spawn(UNDOOMED);
  let bornAt = Date.now();
  const ready = await running.waitFor('ready', READY_MS).catch(async (error: unknown) => {
    await running.stop();
    throw error;
  });
  const apiUrl = String(ready.apiUrl);
  const token = (await readFile(String(ready.tokenFile), 'utf8')).trim();
  return {
    dataDir,
    apiUrl,
    token,
    client: createClient({ apiUrl, token }),
    get bornAt() {
      return bornAt;
    },
    start: async (doom) => {
      await running.kill('SIGKILL');
      const now = Date.now();
      running = spawn(doom);
      const first = [running.waitFor('ready', READY_MS), running.waitFor('dying', READY_MS)];
      if ((await Promise.race(first)).event === 'ready') bornAt = now;
    },
    death: async (timeoutMs) => {
      const timer = setTimeout(() => void running.kill('SIGKILL'), timeoutMs);
      const { code, signal } = await running.whenExited;
      clearTimeout(timer);
      if (signal === 'SIGKILL')
        return running.events.find(({ event }) => event === 'dying')?.point?.toString();
      throw new Error(`it ended by itself with ${code}: ${JSON.stringify(running.events)}\n${running.log()}`);
    },
    kill: async () => {
      await running.kill('SIGKILL');
    },
    stop: async () => {
      await running.stop();
    },
  };
}
