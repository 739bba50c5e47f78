import { lstat, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { RiosError } from '../errors/error.ts';
import { APP_FOLDER } from '../schema/app.ts';
import { IGNORE_FILE, type Ignores, parseIgnore } from './ignore-rules.ts';

/** One thing in an application's folder. Paths are relative, with `/`. */
export type FolderEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly sizeBytes: number;
      readonly executable: boolean;
    };

interface Walk {
  readonly folder: string;
  readonly root: string;
  readonly ignores: Ignores;
  readonly signal: AbortSignal;
  readonly entries: FolderEntry[];
  totalBytes: number;
}

/**
 * What of a folder belongs to the application, sorted by the bytes of the paths; the ignore file is honoured.
 * @throws RiosError USER_INVALID_REQUEST for links that lead out of the folder, things that are neither file nor
 * folder, paths that are too long, and folders that are too large (APP_FOLDER); NOT_FOUND_FILE
 */
export async function listFolder(folder: string, signal: AbortSignal): Promise<FolderEntry[]> {
  const root = await realpath(folder).catch((error: unknown) => {
    throw new RiosError('NOT_FOUND_FILE', `${folder} does not exist`, { cause: error });
  });
  if (!(await lstat(root)).isDirectory()) throw refuse(`${folder} is not a folder`, { folder });
  const ignores = parseIgnore(await readIgnore(folder));
  const walk: Walk = { folder, root, ignores, signal, entries: [], totalBytes: 0 };
  await walkInto(walk, '');
  if (!walk.entries.some(({ kind }) => kind === 'file')) {
    throw refuse(`there is no file to deploy in ${folder}`, { folder });
  }
  return walk.entries.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

async function readIgnore(folder: string): Promise<string> {
  return readFile(join(folder, IGNORE_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

async function walkInto(walk: Walk, directory: string): Promise<void> {
  walk.signal.throwIfAborted();
  for (const name of await readdir(join(walk.folder, directory))) {
    const path = directory === '' ? name : `${directory}/${name}`;
    const entry = await readEntry(walk, path);
    if (walk.ignores(path, entry.kind === 'directory')) continue;
    if (entry.kind === 'other') {
      throw refuse(`${path} is neither a file nor a folder nor a link`, { path });
    }
    if (entry.kind === 'link') await checkLink(walk, path, entry.target);
    walk.entries.push(entry);
    checkBounds(walk, entry);
    if (entry.kind === 'directory') await walkInto(walk, path);
  }
}

type Found = FolderEntry | { readonly kind: 'other'; readonly path: string };

async function readEntry({ folder }: Walk, path: string): Promise<Found> {
  const file = join(folder, path);
  const found = await lstat(file);
  if (found.isDirectory()) return { kind: 'directory', path };
  if (found.isSymbolicLink()) return { kind: 'link', path, target: await readlink(file) };
  if (!found.isFile()) return { kind: 'other', path };
  return { kind: 'file', path, sizeBytes: found.size, executable: (found.mode & 0o100) !== 0 };
}

/** By its text, and by where it really leads: a link may go through another one. */
async function checkLink({ folder, root }: Walk, path: string, target: string): Promise<void> {
  const away = `the link ${path} leads out of the folder`;
  if (isAbsolute(target)) throw refuse(away, { path, target });
  const [first] = normalize(join(path, '..', target)).split(sep);
  if (first === '..') throw refuse(away, { path, target });
  const real = await realpath(join(folder, path)).catch(() => root);
  if (real !== root && !real.startsWith(root + sep)) throw refuse(away, { path, target });
}

function checkBounds(walk: Walk, entry: FolderEntry): void {
  const { maxEntries, maxBytes, maxPathBytes } = APP_FOLDER;
  const { path } = entry;
  walk.totalBytes += entry.kind === 'file' ? entry.sizeBytes : 0;
  if (Buffer.byteLength(path) > maxPathBytes || path.includes('\\')) {
    throw refuse(`the path ${path.slice(0, 80)} is too long, or has a backslash`, { path });
  }
  const large = walk.entries.length > maxEntries || walk.totalBytes > maxBytes;
  if (!large) return;
  throw refuse(`the folder has more than ${maxEntries} entries or ${maxBytes} bytes`, {
    maxEntries,
    maxBytes,
    path,
  });
}

const refuse = (message: string, details: Record<string, unknown>) =>
  new RiosError('USER_INVALID_REQUEST', message, {
    hint: `Change it, or leave it out by a line of ${IGNORE_FILE}.`,
    details,
  });
