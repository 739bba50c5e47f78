import { open } from 'node:fs/promises';
import { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { walletAddressSchema } from '../schema/binding.ts';
import { countSchema } from '../schema/common.ts';
import { signedSchema } from '../schema/trust.ts';
import { writeFileAtomic } from './atomic-write.ts';

/** Its name in a worker's data directory. */
export const WALLET_BINDING_FILE = 'wallet-binding.json';

const bindingFileSchema = z.strictObject({
  format: z.literal('rios.wallet-binding/1'),
  wallet: walletAddressSchema,
  /** Of the newest statement: the next one gets a higher one. */
  sequence: countSchema,
  /** What the worker says in its hello, signed by both keys; null = it was revoked. Nothing secret. */
  statement: signedSchema.nullable(),
});

/** The wallet that a worker is bound to, as `rios worker register` leaves it and the worker sends it. */
export type BindingFile = Omit<z.infer<typeof bindingFileSchema>, 'format'>;

const MAX_BYTES = 64 * 1024;

/** Undefined when there is no such file. @throws RiosError USER_INVALID_REQUEST when it is not one of ours */
export async function readBindingFile(path: string): Promise<BindingFile | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    return parseBindingFile(buffer.toString('utf8', 0, bytesRead), path);
  } finally {
    await file.close();
  }
}

export async function writeBindingFile(path: string, binding: BindingFile): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify({ format: 'rios.wallet-binding/1', ...binding })}\n`);
}

function parseBindingFile(text: string, path: string): BindingFile {
  const parsed = bindingFileSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new RiosError('USER_INVALID_REQUEST', `${path} is no wallet binding: it is damaged or truncated`, {
      hint: 'Make it anew: rios worker register.',
      details: { file: path },
    });
  }
  const { wallet, sequence, statement } = parsed.data;
  return { wallet, sequence, statement };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
