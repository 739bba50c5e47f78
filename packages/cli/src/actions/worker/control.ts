import { createConnection } from 'node:net';
import { join } from 'node:path';
import { fromErrorBody, RiosError } from '@rios/sdk/errors/error';
import { drainStartedSchema, type WorkerStatus, workerStatusSchema } from '@rios/sdk/schema/worker-process';
import type { z } from 'zod';

const MAX_REPLY_CHARS = 4 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 5000;

function notRunning(dataDir: string, cause: unknown): RiosError {
  return new RiosError('NOT_FOUND_WORKER', `no worker runs on ${dataDir}`, {
    hint: 'Start one: rios worker start --join <invite>; or name its --data-dir.',
    cause,
  });
}

/** One line there, one line back, within the deadline. */
function exchange(file: string, command: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(file);
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    let text = '';
    socket.setEncoding('utf8').setTimeout(timeoutMs, () => {
      fail(new RiosError('PEER_TIMEOUT', `the worker did not answer ${command} within ${timeoutMs} ms`));
    });
    socket.once('error', fail);
    socket.once('close', () =>
      reject(new RiosError('PEER_LOST', `the worker left before it answered ${command}`)),
    );
    socket.once('connect', () => socket.write(`${JSON.stringify({ command })}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end === -1 && text.length <= MAX_REPLY_CHARS) return;
      resolve(text.slice(0, Math.max(end, 0)));
      socket.destroy();
    });
  });
}

function parseReply<T>(line: string, schema: z.ZodType<T>): T {
  let reply: unknown;
  try {
    reply = JSON.parse(line);
  } catch (cause) {
    throw new RiosError('PEER_PROTOCOL', 'the worker answered with something that is not JSON', { cause });
  }
  const error = (reply as { error?: unknown } | null)?.error;
  if (error !== undefined) throw fromErrorBody(error, 'PEER_PROTOCOL');
  const parsed = schema.safeParse(reply);
  if (parsed.success) return parsed.data;
  throw new RiosError('PEER_PROTOCOL', 'the worker answered in a form that is not known', {
    cause: parsed.error,
  });
}

async function ask<T>(
  dataDir: string,
  command: string,
  schema: z.ZodType<T>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<T> {
  const line = await exchange(join(dataDir, 'control.sock'), command, timeoutMs).catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code;
    throw code === 'ENOENT' || code === 'ECONNREFUSED' ? notRunning(dataDir, error) : error;
  });
  return parseReply(line, schema);
}

/**
 * What the worker of a data directory is doing, by its control socket.
 * @throws RiosError NOT_FOUND_WORKER when none runs there, PEER_TIMEOUT, PEER_PROTOCOL
 */
export function askWorkerStatus(dataDir: string, timeoutMs?: number): Promise<WorkerStatus> {
  return ask(dataDir, 'status', workerStatusSchema, timeoutMs);
}

/** Tells it to move its work elsewhere and to end then. Throws as askWorkerStatus does. */
export function askWorkerToDrain(dataDir: string, timeoutMs?: number): Promise<{ readonly draining: true }> {
  return ask(dataDir, 'drain', drainStartedSchema, timeoutMs);
}
