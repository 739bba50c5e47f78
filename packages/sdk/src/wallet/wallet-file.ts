import { open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../config/atomic-write.ts';
import { RiosError } from '../errors/error.ts';
import { nameSchema } from '../schema/common.ts';
import { walletViewSchema } from '../schema/wallet.ts';

/** A wallet in wallets.json; `adding` and `removing` say what an interrupted process was about. */
const recordSchema = walletViewSchema
  .omit({ current: true })
  .extend({ state: z.enum(['adding', 'ready', 'removing']) });
export type WalletRecord = z.infer<typeof recordSchema>;

const fileSchema = z.strictObject({
  format: z.literal('rios.wallets/1'),
  /** The one in use. */
  current: nameSchema.nullable(),
  wallets: z.array(recordSchema).max(10_000),
});
export type WalletFile = z.infer<typeof fileSchema>;

const MAX_FILE_BYTES = 8 * 1024 * 1024;
const EMPTY: WalletFile = { format: 'rios.wallets/1', current: null, wallets: [] };

function damaged(file: string, why: string): RiosError {
  return new RiosError('WALLET_KEYSTORE', `${file} ${why}`, {
    hint: 'The keys are not in it. Move it away, then bring each wallet back: rios wallet import --keystore <file>.',
    details: { file },
  });
}

function parseFile(file: string, text: string): WalletFile {
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    throw damaged(file, 'is damaged, or of a newer rios');
  }
}

/** What is known about the wallets; no file is no wallet. @throws RiosError WALLET_KEYSTORE when it is damaged */
export async function readWalletFile(file: string): Promise<WalletFile> {
  const opened = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (opened === undefined) return EMPTY;
  try {
    if ((await opened.stat()).size > MAX_FILE_BYTES) throw damaged(file, 'is far too large');
    return parseFile(file, await opened.readFile('utf8'));
  } finally {
    await opened.close();
  }
}

/** Writes it whole or not at all; for the holder of the lock, since what others left half-written is removed. */
export async function writeWalletFile(file: string, content: WalletFile): Promise<void> {
  const prefix = `${basename(file)}.`;
  const names = await readdir(dirname(file)).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(prefix) && each.endsWith('.tmp'))) {
    await rm(join(dirname(file), name), { force: true });
  }
  await writeFileAtomic(file, `${JSON.stringify(content, null, 2)}\n`);
}
