import { readFile } from 'node:fs/promises';
import { type Client, createClient } from '@rios/sdk/api/client';
import { freePort } from './free-port.ts';
import { type LineProcess, startProcess } from './line-process.ts';
import { RIOS_ORCHESTRATOR } from './rios.ts';

/** One orchestrator process that can die and come back: same data directory, same ports, same keys. */
export interface Restartable {
  readonly dataDir: string;
  readonly apiUrl: string;
  readonly peerId: string;
  /** Token of its own token file. */
  readonly token: string;
  readonly client: Client;
  /** The process that runs now, or ran last. */
  readonly process: LineProcess;
  /** How often it was started. */
  readonly starts: number;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
  /** Starts it again, after `kill` or `stop`; resolves once it is ready. */
  restart(): Promise<void>;
  /** Stops it without ending it (SIGSTOP), and lets it go on. */
  pause(): void;
  resume(): void;
  /** SIGTERM. Idempotent. */
  stop(): Promise<void>;
}

export interface RestartableOptions {
  readonly dataDir: string;
  /** Read anew at each start. */
  readonly env: NodeJS.ProcessEnv;
  readonly flags?: readonly string[];
  /** What is started; `rios-orchestrator` when left out. */
  readonly script?: string;
}

const READY_MS = 60_000;

/** Starts an orchestrator on free ports that it keeps over restarts, and waits until it is ready. */
export async function startRestartable({
  dataDir,
  env,
  flags = [],
  script = RIOS_ORCHESTRATOR,
}: RestartableOptions): Promise<Restartable> {
  const [apiPort, peerPort] = [await freePort(), await freePort()];
  const ports = ['--api-port', String(apiPort), '--listen', `/ip4/127.0.0.1/tcp/${peerPort}`];
  const args = ['start', '--data-dir', dataDir, ...ports, ...flags];
  const start = () => startProcess(script, args, { env });
  let starts = 1;
  let running = start();
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
    peerId: String(ready.peerId),
    client: createClient({ apiUrl, token }),
    get process() {
      return running;
    },
    get starts() {
      return starts;
    },
    async kill() {
      await running.kill('SIGKILL');
    },
    async restart() {
      starts++;
      running = start();
      await running.waitFor('ready', READY_MS);
    },
    pause: () => void process.kill(running.pid, 'SIGSTOP'),
    resume: () => void process.kill(running.pid, 'SIGCONT'),
    async stop() {
      await running.stop();
    },
  };
}
