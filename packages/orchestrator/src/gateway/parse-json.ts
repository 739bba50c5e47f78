import { RiosError } from '@rios/sdk/errors/error';
import { findDuplicateKey } from '@rios/sdk/model/unique-keys';

/** Levels of objects and lists; no body of ours needs a quarter of it. */
export const MAX_JSON_DEPTH = 64;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a body as JSON.
 * @throws RiosError USER_INVALID_REQUEST for what is not JSON in UTF-8, nests deeper than MAX_JSON_DEPTH, or
 * says a key twice (parsers differ on which one counts)
 */
export function parseJsonBody(bytes: Uint8Array): unknown {
  let text: string;
  let parsed: unknown;
  try {
    text = decoder.decode(bytes);
    if (isTooDeep(text)) throw tooDeep();
    parsed = JSON.parse(text);
  } catch (cause) {
    if (cause instanceof RiosError) throw cause;
    throw new RiosError('USER_INVALID_REQUEST', 'the body is not valid JSON in UTF-8', { cause });
  }
  const twice = findDuplicateKey(text);
  if (twice === undefined) return parsed;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    `the body says the key ${JSON.stringify(twice.slice(0, 100))} twice`,
  );
}

const tooDeep = () =>
  new RiosError('USER_INVALID_REQUEST', `the body nests deeper than ${MAX_JSON_DEPTH} levels`, {
    details: { maxDepth: MAX_JSON_DEPTH },
  });

/** Counts brackets outside strings, before the parser would recurse into them. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = skipString(text, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth++;
      if (depth > MAX_JSON_DEPTH) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Index of the quote that closes the string opened at `start`, or the end. */
function skipString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return text.length;
}
