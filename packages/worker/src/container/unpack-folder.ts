import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';
import { readTar, type TarEntry, type TarLimits } from './read-tar.ts';

const LIMITS: TarLimits = { maxBytes: 4 * 1024 ** 3, maxEntries: 100_000 };
const MAX_PATH_BYTES = 4096;

/**
 * Unpacks an app folder; `destination` is there only when all of it is. Only plain files and folders come out, inside
 * of it, readable by all and writable by the worker alone, whatever the tar says of owners and modes.
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
    await readTar(file, limits, (entry) => unpackEntry(entry, building), signal);
    await rename(building, destination);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw error;
  }
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
  if (kind === 'link') throw unsafe(path, 'is a link');
  if (kind === 'other') throw unsafe(path, 'is neither a file nor a folder');
  if (path.startsWith('/')) throw unsafe(path, 'is an absolute path');
  if (path.includes('\0') || Buffer.byteLength(path) > MAX_PATH_BYTES) throw unsafe(path, 'is no path');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw unsafe(path, 'leads out of the folder');
  if (parts.length === 0 && kind === 'file') throw unsafe(path, 'is no path');
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
