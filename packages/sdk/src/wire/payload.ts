import type { Payload } from './link.ts';
import { encodeMeta } from './meta.ts';

/** No bytes. Shared: never written to. */
export const EMPTY = new Uint8Array(0);

/** A message of JSON meta and raw body, both optional. */
export function payload(meta?: object, body: Uint8Array = EMPTY): Payload {
  return { meta: meta === undefined ? EMPTY : encodeMeta(meta), body };
}
