import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chain } from '@rios/sdk/chain/open-chain';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import type { Home } from '@rios/sdk/config/home';
import { withLock } from '@rios/sdk/config/with-lock';
import { RiosError } from '@rios/sdk/errors/error';
import { countSchema, timeSchema } from '@rios/sdk/schema/common';
import { accountAddressSchema, transactionHashSchema } from '@rios/sdk/schema/money-results';
import { z } from 'zod';

/** One signed transaction; its bytes sent again are the same transaction. */
const attemptSchema = z.strictObject({
  what: z.string().max(512),
  to: accountAddressSchema,
  hash: transactionHashSchema,
  raw: z.string().regex(/^0x([0-9a-f]{2})+$/i),
  signedAt: timeSchema,
  /** The RPC said that it doesn't take it. It is signed all the same: its nonce is used again, and it is looked for. */
  isRefused: z.boolean(),
});
export type Attempt = z.infer<typeof attemptSchema>;

/** All attempts with one nonce of one account: at most one of them can come through. */
const sentSchema = z.strictObject({
  format: z.literal('rios.sent/1'),
  from: accountAddressSchema,
  nonce: countSchema,
  attempts: z.tuple([attemptSchema], attemptSchema),
});
export type Sent = z.infer<typeof sentSchema>;

/** Transactions whose outcome no command has told yet, kept from before they were first sent. */
export interface SentStore {
  /** By nonce, lowest first. @throws RiosError INTEGRITY_HASH when a file is damaged */
  list(): Promise<Sent[]>;
  put(sent: Sent): Promise<void>;
  remove(sent: Pick<Sent, 'nonce'>): Promise<void>;
  /** Runs `work` alone among all commands that sign for this account. @throws RiosError CONFLICT_IN_USE */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** Of one account on one chain: a dev chain that was begun anew has the same id, and another first block. */
export async function openSentStore(
  home: Pick<Home, 'transactionsDir'>,
  chain: Chain,
  address: string,
): Promise<SentStore> {
  const account = address.toLowerCase();
  const genesis = (await chain.provider.getBlock(0))?.hash ?? '0x';
  const directory = join(home.transactionsDir, `${chain.chainId}-${genesis.slice(2, 18)}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const fileOf = (nonce: number) => join(directory, `${account}-${nonce}.json`);
  return {
    list: async () => {
      const names = (await readdir(directory)).filter((name) => name.startsWith(`${account}-`));
      const files = names.filter((name) => /^0x[0-9a-f]{40}-\d+\.json$/.test(name));
      const all = await Promise.all(files.map((name) => readSent(join(directory, name))));
      return all.filter((sent) => sent !== undefined).sort((a, b) => a.nonce - b.nonce);
    },
    put: (sent) => writeFileAtomic(fileOf(sent.nonce), `${JSON.stringify(sent)}\n`),
    remove: ({ nonce }) => rm(fileOf(nonce), { force: true }),
    alone: (work) => withLock(directory, account, work),
  };
}

/** Undefined when another command removed it meanwhile. */
async function readSent(file: string): Promise<Sent | undefined> {
  try {
    return sentSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new RiosError('INTEGRITY_HASH', `${file} is damaged: it kept a transaction that was sent`, {
      hint: 'Look at rios wallet balance to see whether it came through, then remove the file.',
      details: { file },
      cause,
    });
  }
}

/** The attempt that was signed last and not refused; where all were, the very last. */
export const lastOf = ({ attempts }: Sent): Attempt =>
  attempts.findLast(({ isRefused }) => !isRefused) ?? attempts.at(-1) ?? attempts[0];

/** Whether no RPC took any of its attempts. */
export const isAllRefused = ({ attempts }: Sent): boolean => attempts.every(({ isRefused }) => isRefused);
