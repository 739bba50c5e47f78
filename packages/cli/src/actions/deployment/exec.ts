import type { Readable } from 'node:stream';
import type { Client } from '@rios/sdk/api/client';
import { RiosError } from '@rios/sdk/errors/error';
import type { CliResults } from '@rios/sdk/schema/cli-results';

const DEFAULT_TIMEOUT_MS = 60_000;
const LONGEST_MS = 3_600_000;
/** Beyond the command's own time, for the way there and back. */
const SLACK_MS = 15_000;
const MAX_STDIN_BYTES = 3 * 1024 * 1024;

async function readBounded(stdin: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stdin) {
    const bytes = Buffer.from(part as Uint8Array);
    size += bytes.length;
    if (size > MAX_STDIN_BYTES) {
      throw new RiosError('USER_INVALID_REQUEST', 'stdin holds more than 3 MiB', {
        hint: 'Put large files into the application, or let the command fetch them.',
      });
    }
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/**
 * Runs a command in a container and returns how it ended and what it wrote (base64).
 * @throws RiosError USER_INVALID_REQUEST, and what the orchestrator says
 */
export async function execInDeployment(options: {
  readonly client: Client;
  readonly name: string;
  readonly command: readonly string[];
  readonly replica?: string | undefined;
  readonly stdin?: Readable | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}): Promise<CliResults['deployment:exec']> {
  const { client, name, command, replica, stdin, signal } = options;
  if (command.length === 0) {
    throw new RiosError('USER_INVALID_REQUEST', 'there is no command', {
      hint: `Write it after --, for example: rios deployment exec ${name} -- ls /app.`,
    });
  }
  const timeoutMs = Math.min(LONGEST_MS, Math.max(100, options.timeoutMs ?? DEFAULT_TIMEOUT_MS));
  const input = stdin === undefined ? '' : (await readBounded(stdin)).toString('base64');
  const body = {
    command: [...command],
    timeoutMs,
    stdin: input,
    ...(replica === undefined ? {} : { replica }),
  };
  return client.execInDeployment({ params: { name }, body, timeoutMs: timeoutMs + SLACK_MS, signal });
}
