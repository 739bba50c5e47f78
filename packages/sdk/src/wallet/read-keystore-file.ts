import { constants, open } from 'node:fs/promises';
import { RiosError } from '../errors/error.ts';

/** Real ones have about 700 bytes. */
const MAX_KEYSTORE_BYTES = 64 * 1024;

/**
 * Reads an encrypted key file: a file, small, and closed to other users of this machine.
 * @throws RiosError WALLET_KEYSTORE, NOT_FOUND_FILE
 */
export async function readKeystoreFile(file: string): Promise<string> {
  // without O_NONBLOCK a pipe would be waited for
  const opened = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new RiosError('NOT_FOUND_FILE', `${file} cannot be read: ${cause.code}`, {
        details: { file },
        cause,
      });
    },
  );
  try {
    const facts = await opened.stat();
    const refuse = (why: string, hint?: string) =>
      new RiosError('WALLET_KEYSTORE', `${file} ${why}`, {
        details: { file },
        ...(hint === undefined ? {} : { hint }),
      });
    if (!facts.isFile()) throw refuse('is no file');
    if (process.platform !== 'win32' && (facts.mode & 0o077) !== 0) {
      throw refuse(
        'is open to other users of this machine',
        `Close it: chmod 600 ${file}. If others could have copied it, its password is all that protects the key.`,
      );
    }
    if (facts.size > MAX_KEYSTORE_BYTES) throw refuse('is too large to be a keystore file');
    return await opened.readFile('utf8');
  } finally {
    await opened.close();
  }
}
