import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';
import { readTar, type TarEntry, type TarLimits } from './read-tar.ts';

const LIMITS: TarLimits = { maxBytes: 4 * 1024 ** 3, maxEntries: 100_000 };
const MAX_PATH_BYTES = 4096;

/**
 * Unpacks an app folder; `destination` is there only when all of it is. Only plain files, folders and links from one
 * place in it to another come out, readable by all and writable by the worker alone, whatever the tar says of owners and modes.
 * Throws DEPLOY_FOLDER (naming the entry) and CAPACITY_DISK.
 */
export async function unpackFolder(
  file: string,
  destination: string,
  signal: AbortSignal,
  limits: TarLimits = LIMITS,
): Promise<void> {
  const building = `${destination}.${randomBytes(6).toString('hex')}.new`;
  try {
    await makeFolder(building);
    const links = new Map<string, string>();
    const visit = (entry: TarEntry) =>
      entry.kind === 'link' ? addLink(entry, links) : unpackEntry(entry, building);
    await readTar(file, limits, visit, signal);
    // last, and none behind another: nothing is ever written through a link
    for (const [path, target] of links) await makeLink(building, path, target, links);
    await rename(building, destination);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw error;
  }
}

async function addLink(entry: TarEntry, links: Map<string, string>): Promise<void> {
  const { path, target } = entry;
  const own = safeParts(entry).join('/');
  const end = posix.normalize(posix.join(posix.dirname(own), target));
  const leadsOut = target === '' || posix.isAbsolute(target) || end === '..' || end.startsWith('../');
  if (leadsOut || target.includes('\0')) throw unsafe(path, 'is a link out of the folder');
  if (links.has(own)) throw unsafe(path, 'is there twice');
  links.set(own, target);
}

async function makeLink(
  root: string,
  path: string,
  target: string,
  links: ReadonlyMap<string, string>,
): Promise<void> {
  const parts = path.split('/');
  const isBehind = parts.slice(1).some((_, index) => links.has(parts.slice(0, index + 1).join('/')));
  if (isBehind) throw unsafe(path, 'is behind a link');
  await makeFolders(root, parts.slice(0, -1));
  await symlink(target, join(root, path)).catch((cause: unknown) => {
    if ((cause as { code?: unknown }).code === 'EEXIST') throw unsafe(path, 'is there twice');
    throw cause;
  });
}

async function unpackEntry(entry: TarEntry, root: string): Promise<void> {
  const parts = safeParts(entry);
  const path = join(root, ...parts);
  if (entry.kind === 'folder') return await makeFolders(root, parts);
  await makeFolders(root, parts.slice(0, -1));
  // never onto what is there: a second entry of one name would be written through the first
  const handle = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    if ((cause as { code?: unknown }).code === 'EEXIST') throw unsafe(entry.path, 'is there twice');
    throw cause;
  });
  try {
    for await (const bytes of entry.bytes) await handle.writeFile(bytes);
    await handle.chmod(entry.isExecutable ? 0o755 : 0o644);
  } finally {
    await handle.close();
  }
}

/** The entry's path below the root, in parts. Throws DEPLOY_FOLDER for one that leads elsewhere. */
function safeParts({ path, kind }: TarEntry): string[] {
  if (kind === 'other') throw unsafe(path, 'is neither a file, a folder nor a symbolic link');
  if (path.startsWith('/')) throw unsafe(path, 'is an absolute path');
  if (path.includes('\0') || Buffer.byteLength(path) > MAX_PATH_BYTES) throw unsafe(path, 'is no path');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw unsafe(path, 'leads out of the folder');
  if (parts.length === 0 && kind !== 'folder') throw unsafe(path, 'is no path');
  return parts;
}

const unsafe = (path: string, why: string) =>
  new RiosError('DEPLOY_FOLDER', `the entry ${JSON.stringify(path.slice(0, 200))} ${why}`);

async function makeFolders(root: string, parts: readonly string[]): Promise<void> {
  for (const [index] of parts.entries()) await makeFolder(join(root, ...parts.slice(0, index + 1)));
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch(async (error: unknown) => {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT')
      return void (await mkdir(dirname(path), { recursive: true }).then(() => mkdir(path)));
    if (code !== 'EEXIST') throw error;
  });
  // whatever the umask of the process is: another user reads it, inside
  await chmod(path, 0o755);
}
