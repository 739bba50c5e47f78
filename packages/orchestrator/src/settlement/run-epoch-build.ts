import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fromErrorBody, RiosError } from '@rios/sdk/errors/error';
import type { EpochId } from '../store/epochs.ts';
import { type BuiltEpoch, builtEpochSchema } from './built-epoch.ts';
import type { VerifiedHalf } from './epoch-range.ts';

export interface EpochBuild {
  readonly id: EpochId;
  readonly networkId: string;
  readonly dataDir: string;
  /** Of a PostgreSQL; it reaches the process by its environment alone. */
  readonly databaseUrl: string | undefined;
  /** Whose signatures it checks. */
  readonly verify: VerifiedHalf;
  /** Where to write the receipts file; without it nothing is written. */
  readonly out: string | undefined;
}

/** Computes an epoch in a process of its own. Aborted, the process is killed. */
export type RunEpochBuild = (build: EpochBuild, signal: AbortSignal) => Promise<BuiltEpoch>;

const BIN = fileURLToPath(new URL('../../bin/rios-orchestrator.js', import.meta.url));
/** Its one line, and what may stand around it. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/**
 * Starts `rios-orchestrator epoch-build` with this Node.
 * @throws RiosError that it reports; SERVICE_UNAVAILABLE when it died, said nothing, or was aborted
 */
export const runEpochBuild: RunEpochBuild = async (build, signal) => {
  const child = spawn(process.execPath, [...conditions(), BIN, 'epoch-build', ...argumentsOf(build)], {
    env: environmentOf(build.databaseUrl),
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < MAX_OUTPUT_BYTES) output += text;
  });
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, name) => resolve(name ?? `exit code ${code}`));
  });
  return readOutcome(output, how);
};

/** Tests run on sources. */
const conditions = (): string[] =>
  process.execArgv.filter((arg) => /^(--conditions=|-C=|--disable-warning=)/.test(arg));

function argumentsOf({ id, networkId, dataDir, verify, out }: EpochBuild): string[] {
  const named = { 'data-dir': dataDir, 'chain-id': id.chainId, rewards: id.rewards, epoch: id.epoch };
  return [
    ...Object.entries({ ...named, 'network-id': networkId, verify }).map(
      ([name, value]) => `--${name}=${value}`,
    ),
    ...(out === undefined ? [] : [`--out=${out}`]),
  ];
}

/** What a program needs to run and to reach a database; no other secret of ours. */
const NEEDED = /^(PATH|HOME|TMPDIR|TZ|LANG|LC_\w+|SSL_\w+|NODE_\w+|PG\w+)$/;

function environmentOf(databaseUrl: string | undefined): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => NEEDED.test(name));
  return { ...Object.fromEntries(kept), ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) };
}

function readOutcome(output: string, how: string): BuiltEpoch {
  const { event, error, ...said } = lastEvent(output);
  if (event === 'error') throw fromErrorBody(error, 'SERVICE_UNAVAILABLE');
  const built = builtEpochSchema.safeParse(said);
  if (event === 'built' && built.success) return built.data;
  throw new RiosError('SERVICE_UNAVAILABLE', `a process that builds an epoch ended without a word: ${how}`);
}

function lastEvent(output: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
