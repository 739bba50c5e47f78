import { open } from 'node:fs/promises';
import type { RewardsHead } from '@rios/sdk/chain/contracts';
import { RiosError } from '@rios/sdk/errors/error';
import { amountSchema } from '@rios/sdk/schema/common';
import { accountAddressSchema, type MovedReport } from '@rios/sdk/schema/money-results';
import { z } from 'zod';
import type { Account } from '../../wallet/open.ts';
import { type SubmitOptions, submitTransaction } from '../../wallet/submit.ts';
import { chainSeconds } from './chain-time.ts';

/** What an operator of a network gives a worker's account: all that it ever earned, and the proof of it. */
const claimSchema = z.object({
  account: accountAddressSchema,
  cumulativeWei: amountSchema,
  proof: z.array(z.string().regex(/^0x[0-9a-fA-F]{64}$/)).max(64),
});
export type ClaimFile = z.infer<typeof claimSchema>;

const MAX_BYTES = 64 * 1024;

/** @param path `-` for stdin. @throws RiosError USER_INVALID_REQUEST, NOT_FOUND_FILE */
export async function readClaim(path: string): Promise<ClaimFile> {
  try {
    return claimSchema.parse(JSON.parse(path === '-' ? await readStdin() : await readBounded(path)));
  } catch (cause) {
    if (!(cause instanceof SyntaxError) && !(cause instanceof z.ZodError)) throw cause;
    throw new RiosError('USER_INVALID_REQUEST', `${path} is no claim`, {
      hint: 'A claim is JSON: {"account": "0x…", "cumulativeWei": "…", "proof": ["0x…"]}.',
      cause,
    });
  }
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of process.stdin) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BYTES) throw tooLarge('what came by stdin');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readBounded(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    if (bytesRead <= MAX_BYTES) return buffer.toString('utf8', 0, bytesRead);
    throw tooLarge(path);
  } finally {
    await file.close();
  }
}

const tooLarge = (what: string) => new RiosError('USER_INVALID_REQUEST', `${what} is too large for a claim`);

/**
 * Has the earnings of an account paid to it; makes a published root whose time has come the live one first.
 * @throws RiosError CHAIN_REVERTED (BadProof: vetoed, replaced or forged; NothingToClaim; NotReady), as submitTransaction
 */
export async function claim(
  account: Account,
  given: ClaimFile,
  options: SubmitOptions,
): Promise<MovedReport> {
  const { rewards } = account.contracts;
  const cumulative = BigInt(given.cumulativeWei);
  const { proves } = await import('@rios/sdk/chain/rewards-proof');
  const isIn = ({ root }: RewardsHead) => proves(root, { ...given, cumulative });
  if (!isIn(await rewards.live())) {
    const pending = await rewards.pending();
    if (pending.readyAt === 0 || !isIn(pending)) throw noProof(given);
    await refuseEarly(account, pending);
    await submitTransaction(account, rewards.activate(), options);
  }
  const before = await rewards.claimed(given.account);
  const call = rewards.claim(given.account, cumulative, given.proof);
  const transaction = await submitTransaction(account, call, options);
  const paid = cumulative - before;
  return { amountWei: String(paid > 0n ? paid : 0n), transaction };
}

async function refuseEarly({ chain }: Account, { epoch, readyAt }: RewardsHead): Promise<void> {
  if ((await chainSeconds(chain)) >= readyAt) return;
  const due = new Date(readyAt * 1000).toISOString();
  throw new RiosError('CHAIN_REVERTED', `epoch ${epoch} was published, and can be claimed from ${due} on`, {
    hint: 'Run the command again then.',
    details: { error: 'NotReady', readyAt: readyAt * 1000 },
  });
}

const noProof = ({ account }: ClaimFile) =>
  new RiosError('CHAIN_REVERTED', `the claim of ${account} is in no published root`, {
    hint: 'The epoch was vetoed or a newer one took its place: ask the operator of the network for a new claim.',
    details: { error: 'BadProof', account },
  });
