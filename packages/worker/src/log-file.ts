import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** Makes room for a log: its directory, and when the old log has grown beyond 10 MiB, a fresh file beside it. */
export async function prepareLogFile(file: string, maxBytes = MAX_LOG_BYTES): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && found.size > maxBytes) await rename(file, `${file}.1`);
}
