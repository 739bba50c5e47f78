import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ManifestFile } from '@rios/sdk/schema/manifest';

/** Remembers which files were hashed and found right, so that each is read once in a process's life. */
export interface CheckedFiles {
  /** True when the file is here and right. A file of the right name with other bytes is removed. */
  check(path: string, file: ManifestFile): Promise<boolean>;
  /** Says that a fetch has just hashed the file. */
  trust(path: string): Promise<void>;
}

interface Stamp {
  readonly size: number;
  readonly mtimeMs: number;
}

/** Checks files by size and sha256; a file changed since its check is checked again. */
export function createCheckedFiles(): CheckedFiles {
  const stamps = new Map<string, Stamp>();
  return {
    async check(path, file) {
      const found = await stat(path).catch(() => undefined);
      if (found === undefined) return false;
      const stamp = stamps.get(path);
      if (stamp?.size === found.size && stamp.mtimeMs === found.mtimeMs) return true;
      if (found.size === file.sizeBytes && (await hashFile(path)) === file.sha256) {
        stamps.set(path, { size: found.size, mtimeMs: found.mtimeMs });
        return true;
      }
      await rm(path, { force: true });
      return false;
    },
    async trust(path) {
      const { size, mtimeMs } = await stat(path);
      stamps.set(path, { size, mtimeMs });
    },
  };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
