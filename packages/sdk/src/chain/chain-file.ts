import { z } from 'zod';
import { RiosError } from '../errors/error.ts';

/** An account or a contract: 0x and 20 bytes in hex. */
export const chainAddressSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'it is no address: 0x and 40 hex digits');

/** Anybody may read a chain file, so that no password may stand in its URL. */
const rpcUrlSchema = z
  .string()
  .max(512)
  .refine(isPublicUrl, 'it is no http(s) URL without user and password');

/** Which chain a network settles on, and where its contracts are; public. An operator may write one by hand. */
export const chainFileSchema = z.strictObject({
  format: z.literal('rios.chain/1'),
  chainId: z.int().positive(),
  /** Where everybody reaches the chain. */
  rpcUrl: rpcUrlSchema,
  addresses: z.strictObject({
    token: chainAddressSchema,
    registry: chainAddressSchema,
    escrow: chainAddressSchema,
    rewards: chainAddressSchema,
    timelock: chainAddressSchema,
  }),
  /** Blocks on top of a transaction after which it counts, or the chain's own word for it. */
  confirmations: z.union([z.int().min(0).max(10_000), z.literal('finalized')]),
  /** Block of the deployment: earlier ones are not read. All are when it is left out. */
  fromBlock: z.int().min(0).optional(),
  /** A chain of `rios dev`: money of no worth, time that can be moved on. */
  isDevChain: z.boolean(),
  /** The account that `rios_faucet` gives from, on a dev chain. */
  faucet: chainAddressSchema.optional(),
});
export type ChainFile = z.infer<typeof chainFileSchema>;

const MAX_BYTES = 64 * 1024;

/** `from` names the text in the error. @throws RiosError USER_INVALID_REQUEST naming the field */
export function parseChainFile(text: string, from: string): ChainFile {
  const parsed = chainFileSchema.safeParse(parseJson(text, from));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw refuse(from, `${field === '' ? '' : `${field}: `}${issue?.message ?? 'wrong form'}`, { field });
}

export const formatChainFile = (chain: ChainFile): string => `${JSON.stringify(chain, undefined, 2)}\n`;

/** @throws RiosError NOT_FOUND_FILE, USER_INVALID_REQUEST */
export async function readChainFile(path: string): Promise<ChainFile> {
  const { open } = await import('node:fs/promises');
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw cause;
    throw new RiosError('NOT_FOUND_FILE', `there is no chain file ${path}`, { details: { path }, cause });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    if (bytesRead > MAX_BYTES) throw refuse(path, `it is larger than ${MAX_BYTES} bytes`, {});
    return parseChainFile(buffer.toString('utf8', 0, bytesRead), path);
  } finally {
    await file.close();
  }
}

function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse(from, 'it is no JSON', {}, cause);
  }
}

function refuse(from: string, message: string, details: Record<string, unknown>, cause?: unknown): RiosError {
  return new RiosError('USER_INVALID_REQUEST', `chain file ${from}: ${message}`, {
    hint: 'See docs/chain.md for what a chain file says.',
    details: { from, ...details },
    cause,
  });
}
