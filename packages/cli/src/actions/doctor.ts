import { mkdir } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { createClient } from '@rios/sdk/api/client';
import { type Connection, resolveConnection } from '@rios/sdk/config/connection';
import type { Home } from '@rios/sdk/config/home';
import { freeDiskBytes } from '@rios/sdk/disk';
import { toRiosError } from '@rios/sdk/errors/error';
import { machineFactsSchema } from '@rios/sdk/schema/worker-process';
import { formatBytes } from '../print/format.ts';
import { runToEnd } from './foreground.ts';

export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** What to do about it, unless ok. */
  readonly hint?: string;
}

export interface DoctorOptions {
  readonly home: Home;
  readonly apiUrl?: string | undefined;
  readonly context?: string | undefined;
  readonly signal: AbortSignal;
}

const GIB = 1024 ** 3;
const API_TIMEOUT_MS = 5000;

const ok = (name: string, message: string): Check => ({ name, state: 'ok', message });

function failed(name: string, error: unknown, state: 'warn' | 'fail' = 'fail'): Check {
  const { message, hint } = toRiosError(error);
  return { name, state, message, hint };
}

function checkMemory(): Check {
  const message = `${formatBytes(freemem())} free of ${formatBytes(totalmem())}`;
  if (freemem() > GIB) return ok('memory', message);
  return { name: 'memory', state: 'warn', message, hint: 'Close other programs: models need room.' };
}

async function checkDisk(directory: string): Promise<Check> {
  await mkdir(directory, { recursive: true });
  const free = await freeDiskBytes(directory);
  const message = `${formatBytes(free)} free at ${directory}`;
  if (free > 2 * GIB) return ok('disk', message);
  return { name: 'disk', state: 'warn', message, hint: 'Free disk space, or choose another --data-dir.' };
}

/** Really runs a tiny session in a worker process. */
async function checkEngine(signal: AbortSignal): Promise<Check> {
  const events = await runToEnd('worker', ['probe'], { signal, stderr: 'ignore' });
  const { runtimeVersion, provider } = machineFactsSchema.parse(events.at(-1));
  return ok(
    'engine',
    `onnxruntime ${runtimeVersion}, ${provider.name}: ${provider.expertMs.toFixed(2)} ms a call`,
  );
}

async function checkNetwork(connection: Connection): Promise<Check[]> {
  const client = createClient({ ...connection, timeoutMs: API_TIMEOUT_MS });
  try {
    await client.health();
  } catch (error) {
    return [failed('api', error, connection.apiUrlOrigin === 'default' ? 'warn' : 'fail')];
  }
  const reached = ok('api', connection.apiUrl);
  try {
    const status = await client.status();
    const listed = status.workers.filter((worker) => worker.state === 'listed').length;
    const workers: Check =
      listed > 0
        ? ok('workers', `${listed} of ${status.workers.length} listed`)
        : {
            name: 'workers',
            state: 'warn',
            message: 'no worker is listed',
            hint: 'Create an invite (rios network invite create), then: rios worker start --join <invite>.',
          };
    return [reached, ok('token', 'accepted'), workers];
  } catch (error) {
    return [reached, failed('token', error)];
  }
}

async function guarded(name: string, check: () => Promise<Check[] | Check>): Promise<Check[]> {
  try {
    return [await check()].flat();
  } catch (error) {
    return [failed(name, error)];
  }
}

/** Looks at everything that RiOS needs on this machine; each finding says what to do about it. */
export async function diagnose(
  options: DoctorOptions,
): Promise<{ readonly ok: boolean; readonly checks: Check[] }> {
  const { home, signal } = options;
  const checks = [
    // on one that is too old no command runs at all
    ok('node', `Node ${process.versions.node}`),
    checkMemory(),
    ...(await guarded('disk', () => checkDisk(home.workerDir))),
    ...(await guarded('engine', () => checkEngine(signal))),
    ...(await guarded('api', async () => checkNetwork(await resolveConnection(options, process.env, home)))),
  ];
  return { ok: checks.every((check) => check.state !== 'fail'), checks };
}
