import { open } from 'node:fs/promises';
import { RiosError } from '../errors/error.ts';

/**
 * Reads a file that must be small, whole. Returns undefined when it does not exist.
 * Throws MODEL_CONFIG_INVALID when it is larger than `maxBytes` or no regular file.
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new RiosError('NOT_FOUND_FILE', `cannot read ${path}`, { details: { path }, cause: error });
  });
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    if (size > maxBytes)
      throw new RiosError('MODEL_CONFIG_INVALID', `${path} has ${size} bytes; at most ${maxBytes} are read`, {
        details: { path, sizeBytes: size, maxBytes },
      });
    const bytes = await file.readFile().catch((cause) => {
      throw new RiosError('NOT_FOUND_FILE', `cannot read ${path}`, { details: { path }, cause });
    });
    return bytes;
  } finally {
    await file.close();
  }
}

/** As readSmallFile, parsed as a JSON object. Throws MODEL_CONFIG_INVALID when it is not one. */
export async function readJsonObject(
  path: string,
  maxBytes: number,
): Promise<Record<string, unknown> | undefined> {
  const bytes = await readSmallFile(path, maxBytes);
  return bytes && parseJsonObject(bytes.toString('utf8'), path);
}

/** Parses a JSON object. Throws MODEL_CONFIG_INVALID naming `path`. */
export function parseJsonObject(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RiosError('MODEL_CONFIG_INVALID', `${path} is not JSON`, { details: { path }, cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RiosError('MODEL_CONFIG_INVALID', `${path} is not a JSON object`, { details: { path } });
  return value as Record<string, unknown>;
}
