import type { z } from 'zod';
import { RiosError } from '../errors/error.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** A frame's meta: the value as UTF-8 JSON. */
export function encodeMeta(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** Reads meta from a peer. Empty bytes read as `{}`. Throws PEER_PROTOCOL when the JSON or its form is wrong. */
export function decodeMeta<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  const parsed = schema.safeParse(bytes.length === 0 ? {} : parseJson(bytes));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RiosError('PEER_PROTOCOL', 'the peer sent a message of the wrong form', {
    details: { path: issue?.path.join('.') ?? '', problem: issue?.message ?? '' },
  });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    throw new RiosError('PEER_PROTOCOL', 'the peer sent a message that is not JSON');
  }
}
