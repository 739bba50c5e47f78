import { randomBytes } from 'node:crypto';
import { type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { withLock } from '@rios/sdk/config/with-lock';
import { MAX_MASTER_KEY_BYTES, type MasterKeyPlace, refuseMasterKeys } from './master-key-place.ts';

/** Master keys in a file of mode 0600. Two that create it at once leave one text. */
export function createMasterKeyFile(file: string): MasterKeyPlace {
  return {
    kind: 'file',
    name: file,
    read: () => readOwn(file),
    create: async (text) => {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await place(file, text, link);
    },
    replace: (text) => place(file, text, rename),
    alone: (work) => withLock(dirname(file), basename(file), work),
  };
}

/** The text of a file that only its owner can read; undefined when there is none. */
async function readOwn(file: string): Promise<string | undefined> {
  const refuse = (why: string, cause?: unknown) => refuseMasterKeys({ kind: 'file', name: file }, why, cause);
  let opened: FileHandle;
  try {
    opened = await open(file, 'r');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw refuse(`it cannot be read (${code})`, cause);
  }
  try {
    const { mode, size } = await opened.stat();
    if ((mode & 0o077) !== 0) throw refuse('other accounts of this machine may open it: chmod 600 it');
    if (size > MAX_MASTER_KEY_BYTES) throw refuse('it is too long');
    return await opened.readFile('utf8');
  } finally {
    await opened.close();
  }
}

/** Writes a draft and puts it at `file`: `rename` replaces what is there, `link` leaves it. */
async function place(file: string, text: string, put: typeof rename): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const opened = await open(draft, 'wx', 0o600);
  try {
    await opened.writeFile(text);
    await opened.sync();
  } finally {
    await opened.close();
  }
  try {
    await put(draft, file);
    await syncDirectory(dirname(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Secrets are sealed anew under a key only once its name is on the disk for good. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
