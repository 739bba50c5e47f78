import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { RiosError } from '@rios/sdk/errors/error';
import { MANIFEST_PATH } from '@rios/sdk/schema/manifest';
import { VERSION } from '@rios/sdk/version';
import type { Progress } from '../../progress/progress.ts';
import { splitAction } from '../model/split.ts';

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/**
 * What a checkpoint looks like from outside: names, sizes and modification times of its files, and the version
 * that splits it. A changed file, or another version, means a new split; no weight is read to know it.
 */
async function fingerprint(source: string): Promise<string> {
  const hash = createHash('sha256').update(VERSION);
  const names = (await readdir(source)).sort();
  for (const name of names) {
    const { size, mtimeMs, isDirectory } = await stat(join(source, name)).then((found) => ({
      size: found.size,
      mtimeMs: found.mtimeMs,
      isDirectory: found.isDirectory(),
    }));
    if (!isDirectory) hash.update(JSON.stringify([name, size, mtimeMs]));
  }
  return hash.digest('hex');
}

/** A folder name for a checkpoint: readable, and different for two folders of the same name. */
function bundleName(source: string): string {
  const name = basename(source).replaceAll(/[^A-Za-z0-9._-]/g, '-');
  return `${name}-${createHash('sha256').update(source).digest('hex').slice(0, 8)}`;
}

/**
 * The bundle of a model: itself when it is one, else a split of the checkpoint under `<dataDir>/bundles`, reused
 * as long as the checkpoint is the same.
 * @throws RiosError NOT_FOUND_FILE, and what the split throws
 */
export async function prepareBundle(
  options: { readonly model: string; readonly dataDir: string; readonly signal: AbortSignal },
  progress: Progress,
): Promise<string> {
  const source = resolve(options.model);
  if (!(await exists(source))) throw new RiosError('NOT_FOUND_FILE', `${source} does not exist`);
  if (await exists(join(source, MANIFEST_PATH))) return source;
  const out = join(options.dataDir, 'bundles', bundleName(source));
  const mark = `${out}.source`;
  const now = await fingerprint(source);
  const before = await readFile(mark, 'utf8').catch(() => undefined);
  if (before === now && (await exists(join(out, MANIFEST_PATH)))) return out;
  await rm(mark, { force: true });
  await splitAction({ source, out, by: 'experts', overwrite: true, signal: options.signal }, progress);
  await writeFileAtomic(mark, now);
  return out;
}
