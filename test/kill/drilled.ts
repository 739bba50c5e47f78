import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@rios/sdk/api/client';
import { freePort } from '../support/free-port.ts';
import { type LineProcess, startProcess } from '../support/line-process.ts';
import { DOOM, type Doom } from './fault-points.ts';

/** One orchestrator that dies by itself, and comes back on the same data directory, with the same ports and keys. */
export interface Drilled {
  readonly dataDir: string;
  readonly apiUrl: string;
  /** Of its own token file. */
  readonly token: string;
  readonly client: Client;
  /** How often it was started. */
  readonly starts: number;
  /** The process that runs now, or ran last. */
  readonly process: LineProcess;
  /** Starts it; resolves once it is ready, or dead. `doom`: when it is to end. */
  start(doom: Doom): Promise<void>;
  /** The point at which it ended itself. Rejects when it ended in another way, or lives on at the limit. */
  death(timeoutMs: number): Promise<string>;
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
const NODE_OPTIONS = '--conditions=@rios/source --disable-warning=ExperimentalWarning';

/** Starts one that lives, on free ports that it keeps. */
export async function startDrilled({ dataDir, flags }: DrilledOptions): Promise<Drilled> {
  const [apiPort, peerPort] = [await freePort(), await freePort()];
  const ports = ['--api-port', String(apiPort), '--listen', `/ip4/127.0.0.1/tcp/${peerPort}`];
  const args = ['start', '--data-dir', dataDir, ...ports, ...flags];
  const spawn = (doom: Doom) =>
    startProcess(MAIN, args, { env: { NODE_OPTIONS, [DOOM]: JSON.stringify(doom) } });
  let running = spawn(UNDOOMED);
  let starts = 1;
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
    get starts() {
      return starts;
    },
    get process() {
      return running;
    },
    start: async (doom) => {
      starts++;
      running = spawn(doom);
      await Promise.race([running.waitFor('ready', READY_MS), running.waitFor('dying', READY_MS)]);
    },
    death: async (timeoutMs) => {
      const { point } = await running.waitFor('dying', timeoutMs);
      await running.whenExited;
      return String(point);
    },
    kill: async () => {
      await running.kill('SIGKILL');
    },
    stop: async () => {
      await running.stop();
    },
  };
}
