import { access, open } from 'node:fs/promises';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { RiosError } from '@rios/sdk/errors/error';
import { Mnemonic } from 'ethers';

const MAX_BYTES = 1024;
const ENTROPY_BYTES = 16;

/**
 * The 12 words that the accounts of a dev chain come from (BIP-39), made at its first start and kept for its owner
 * alone. `journalFile`: a chain that has begun needs the words that it began with.
 * @throws RiosError CHAIN_JOURNAL when they are lost, damaged, or open to others
 */
export async function ensureDevMnemonic(
  file: string,
  journalFile: string,
  random: (size: number) => Uint8Array,
): Promise<string> {
  const found = await readOwn(file);
  if (found !== undefined) return checked(file, found);
  if (await exists(journalFile)) throw refuse(file, 'it is missing, and the chain has begun');
  const { phrase } = Mnemonic.fromEntropy(random(ENTROPY_BYTES));
  await writeFileAtomic(file, `${phrase}\n`, 0o600);
  return phrase;
}

async function readOwn(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw refuse(path, `it cannot be read (${cause.code})`, cause);
  });
  if (file === undefined) return undefined;
  try {
    const { mode, size } = await file.stat();
    if ((mode & 0o077) !== 0) throw refuse(path, 'other accounts of this machine may open it: chmod 600 it');
    if (size > MAX_BYTES) throw refuse(path, 'it is too long');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** The error never repeats a word of it. */
function checked(file: string, text: string): string {
  const phrase = text.trim();
  if (Mnemonic.isValidMnemonic(phrase)) return phrase;
  throw refuse(file, 'it holds no mnemonic');
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const refuse = (path: string, why: string, cause?: unknown) =>
  new RiosError('CHAIN_JOURNAL', `the mnemonic of the dev chain, ${path}: ${why}`, {
    details: { path },
    cause,
  });
