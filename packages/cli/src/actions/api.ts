import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { AnyRoute } from '@rios/sdk/api/route';
import { createTransport, type TokenSource } from '@rios/sdk/api/transport';
import { originOf } from '@rios/sdk/config/connection';
import { RiosError } from '@rios/sdk/errors/error';
import { z } from 'zod';
import { cleanText } from '../print/clean.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_JSON_BYTES = 64 * 1024 * 1024;

export interface ApiCall {
  readonly apiUrl: string;
  readonly token: string | TokenSource | undefined;
  readonly method: string;
  /** From the root of the API, with its query. */
  readonly path: string;
  /** JSON, `@file`, or `-` for stdin. */
  readonly body?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
  /** Gets the answer as it comes; without it the answer is returned. */
  readonly write?: ((bytes: Uint8Array | string) => void) | undefined;
}

/** The answer of `rios api --json`: parsed where it is JSON, else its text; null when it was written already. */
export interface ApiAnswer {
  readonly requestId: string | null;
  readonly body: unknown;
}

const methodSchema = z.enum(['GET', 'POST', 'PUT', 'DELETE']);

/** The address of a path under `apiUrl`; it cannot leave the origin that the token belongs to. */
export function apiAddress(apiUrl: string, path: string): string {
  const text = `${apiUrl}${path}`;
  const isPath = path.startsWith('/') && !/[\\#\s\p{C}]/u.test(path);
  if (isPath && URL.canParse(text) && new URL(text).origin === originOf(apiUrl)) return new URL(text).href;
  throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(path)} is not a path of the API`, {
    hint: 'Write it from the root, for example /v1/status.',
  });
}

async function readBody(given: string): Promise<Uint8Array> {
  if (given === '-') return buffer(process.stdin);
  return given.startsWith('@') ? readFile(given.slice(1)) : new TextEncoder().encode(given);
}

function parseJson(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return undefined;
  }
}

async function bodyOf(given: string | undefined) {
  if (given === undefined) return undefined;
  const bytes = await readBody(given);
  const isJson = parseJson(bytes) !== undefined;
  if (!isJson && given !== '-' && !given.startsWith('@')) {
    throw new RiosError('USER_INVALID_REQUEST', '--body is not JSON', {
      hint: 'Quote it for the shell, or write @file for what stands in a file.',
    });
  }
  return { bytes, contentType: isJson ? 'application/json' : 'application/octet-stream' };
}

function routeOf(call: ApiCall, hasBody: boolean): AnyRoute {
  const method = methodSchema.safeParse(call.method.toUpperCase());
  if (!method.success) {
    throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(call.method)} is not a method`, {
      hint: `Use ${methodSchema.options.join(', ')}.`,
    });
  }
  const anything = z.unknown();
  return {
    name: 'api',
    method: method.data,
    path: call.path,
    scope: 'any',
    summary: '',
    params: anything,
    query: anything,
    bodyKind: hasBody ? 'bytes' : 'none',
    body: anything,
    answerKind: 'json',
    answer: anything,
    openai: false,
    maxBodyBytes: Number.MAX_SAFE_INTEGER,
    rate: 'none',
  };
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytes) {
    size += part.length;
    if (size > MAX_JSON_BYTES) throw new RiosError('API_REMOTE', 'the answer is too large for --json');
    parts.push(part);
  }
  const whole = Buffer.concat(parts);
  const parsed = parseJson(whole);
  return parsed === undefined ? whole.toString('utf8') : parsed.value;
}

/** On a terminal, what a server says must not steer it. */
async function writeAll(bytes: AsyncIterable<Uint8Array>, write: NonNullable<ApiCall['write']>) {
  const decoder = new TextDecoder();
  const toTerminal = process.stdout.isTTY === true;
  for await (const part of bytes) {
    write(toTerminal ? cleanText(decoder.decode(part, { stream: true })) : part);
  }
  if (toTerminal) write('\n');
}

/**
 * One call of any route, with the token; redirects are not followed. The answer's bytes go to `write` as they
 * come, or are returned.
 * @throws RiosError USER_INVALID_REQUEST (method, path, body), the server's code, API_*
 */
export async function callApi(call: ApiCall): Promise<ApiAnswer | undefined> {
  const url = apiAddress(call.apiUrl, call.path);
  const body = await bodyOf(call.body);
  const route = routeOf(call, body !== undefined);
  const transport = createTransport({
    apiUrl: call.apiUrl,
    token: call.token,
    timeoutMs: call.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    build: () => ({ url, body }),
  });
  const { signal, idempotencyKey } = call;
  const { bytes, requestId } = await transport.open({ route, signal, idempotencyKey });
  if (call.write === undefined) return { requestId: requestId ?? null, body: await collect(bytes) };
  await writeAll(bytes, call.write);
  return undefined;
}
