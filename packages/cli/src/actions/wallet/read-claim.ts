import { open } from 'node:fs/promises';
import { RiosError } from '@rios/sdk/errors/error';
import { amountSchema } from '@rios/sdk/schema/common';
import { accountAddressSchema } from '@rios/sdk/schema/money-results';
import { z } from 'zod';

/** What an operator of a network gives a worker's account: all that it ever earned, and the proof of it. */
const claimSchema = z.object({
  account: accountAddressSchema,
  cumulativeWei: amountSchema,
  proof: z.array(z.string().regex(/^0x[0-9a-fA-F]{64}$/)).max(64),
});
export type ClaimFile = z.infer<typeof claimSchema>;

const MAX_BYTES = 64 * 1024;

/**
 * @param path `-` for stdin
 * @param address whose claim it must be, when one was named
 * @throws RiosError USER_INVALID_REQUEST, NOT_FOUND_FILE
 */
export async function readClaim(path: string, address?: string): Promise<ClaimFile> {
  const claim = await parseClaim(path);
  if (address === undefined || address.toLowerCase() === claim.account.toLowerCase()) return claim;
  throw new RiosError('USER_INVALID_REQUEST', `${path} is the claim of ${claim.account}, not of ${address}`);
}

async function parseClaim(path: string): Promise<ClaimFile> {
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
