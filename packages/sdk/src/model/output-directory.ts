import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { RiosError } from '../errors/error.ts';
import { MANIFEST_PATH } from '../schema/manifest.ts';

/** Where a bundle grows: a hidden sibling of its destination, until it is whole. */
export interface OutputDirectory {
  readonly path: string;
  /** Puts the whole directory in its place, in one step. Throws CONFLICT_EXISTS when that was taken meanwhile. */
  commit(): Promise<void>;
  /** Removes what was written. Idempotent. */
  discard(): Promise<void>;
}

/** Directories in use by this process: another of its own with the same pid is left from a former life. */
const inUse = new Set<string>();

/**
 * Makes a temporary directory beside `out`, and removes those that dead processes of this machine left there.
 * Throws CONFLICT_EXISTS unless `out` is free, empty, or (with `overwrite`) an older bundle; and
 * USER_INVALID_REQUEST when it cannot be written.
 */
export async function openOutputDirectory(out: string, overwrite: boolean): Promise<OutputDirectory> {
  const target = resolve(out);
  await checkTarget(target, overwrite);
  const parent = dirname(target);
  const path = temporaryPath(target);
  inUse.add(path);
  try {
    await mkdir(parent, { recursive: true });
    await removeStale(parent, basename(target));
    await mkdir(path);
  } catch (cause) {
    inUse.delete(path);
    throw new RiosError('USER_INVALID_REQUEST', `cannot write to ${parent}`, {
      details: { path: parent },
      cause,
    });
  }
  const discard = async () => {
    await rm(path, { recursive: true, force: true });
    inUse.delete(path);
  };
  return { path, commit: () => commit(path, target, overwrite), discard };
}

const host = () => hostname().replace(/[^A-Za-z0-9-]/g, '-');

const temporaryPath = (target: string) =>
  join(
    dirname(target),
    `.${basename(target)}.${host()}.${process.pid}.${randomBytes(4).toString('hex')}.partial`,
  );

async function checkTarget(target: string, overwrite: boolean): Promise<void> {
  const facts = await stat(target).catch(() => undefined);
  if (!facts) return;
  if (facts.isDirectory() && (await readdir(target)).length === 0) return;
  const ours = facts.isDirectory() && (await isBundle(target));
  if (ours && overwrite) return;
  throw new RiosError('CONFLICT_EXISTS', `${target} exists${ours ? '' : ', and is not a bundle'}`, {
    details: { path: target },
    hint: ours ? 'Overwrite it, or choose another --out.' : 'Choose another --out.',
  });
}

async function isBundle(directory: string): Promise<boolean> {
  const text = await readFile(join(directory, MANIFEST_PATH), 'utf8').catch(() => '');
  return /^\s*\{\s*"format"\s*:\s*"rios\.split\//.test(text);
}

async function commit(path: string, target: string, overwrite: boolean): Promise<void> {
  await checkTarget(target, overwrite);
  const replaced = temporaryPath(target);
  const old = await stat(target).catch(() => undefined);
  if (old && (await isBundle(target))) await rename(target, replaced);
  else if (old) await rmdir(target);
  try {
    await rename(path, target);
  } catch (cause) {
    if (old) await rename(replaced, target).catch(() => {});
    throw new RiosError('CONFLICT_EXISTS', `cannot put the bundle at ${target}`, {
      details: { path: target },
      cause,
    });
  }
  inUse.delete(path);
  await rm(replaced, { recursive: true, force: true });
}

async function removeStale(parent: string, name: string): Promise<void> {
  const prefix = `.${name}.${host()}.`;
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(prefix)) continue;
    const match = /^(\d+)\.[0-9a-f]{8}\.partial$/.exec(entry.slice(prefix.length));
    const path = join(parent, entry);
    if (match && !inUse.has(path) && !isAlive(Number(match[1])))
      await rm(path, { recursive: true, force: true });
  }
}

/** Whether another process has this id; our own counts as dead, since ours are in `inUse`. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
