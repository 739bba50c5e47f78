import { z } from 'zod';
import { RiosError } from '../errors/error.ts';

/** scrypt takes 128 x N x r bytes: at most 512 MiB, twice what geth asks for. */
const MAX_SCRYPT_BLOCKS = 2 ** 22;
/** And time in proportion to N x r x p: at most four times what geth asks for. */
const MAX_SCRYPT_WORK = 2 ** 23;
/** Eight times what geth asks for. */
const MAX_PBKDF2_ROUNDS = 2 ** 21;

const hex = (minBytes: number, maxBytes = minBytes) =>
  z
    .string()
    .regex(new RegExp(`^(0x)?([0-9a-fA-F]{2}){${minBytes},${maxBytes}}$`))
    .transform((text) => text.replace(/^0x/, '').toLowerCase());

const scryptSchema = z
  .object({
    salt: hex(1, 64),
    n: z
      .int()
      .min(2)
      .max(2 ** 26),
    r: z.int().min(1).max(1024),
    p: z.int().min(1).max(1024),
    dklen: z.literal(32),
  })
  .refine(({ n }) => (n & (n - 1)) === 0, 'n is not a power of two')
  .refine(({ n, r }) => Math.log2(n) < 16 * r, 'n is too large for r (RFC 7914, section 2)')
  .refine(
    ({ n, r, p }) => n * r <= MAX_SCRYPT_BLOCKS && n * r * p <= MAX_SCRYPT_WORK,
    'its scrypt parameters ask for more memory or time than any real file does',
  );
const pbkdf2Schema = z.object({
  salt: hex(1, 64),
  c: z.int().min(1).max(MAX_PBKDF2_ROUNDS, 'its pbkdf2 rounds ask for more time than any real file does'),
  prf: z.literal('hmac-sha256'),
  dklen: z.literal(32),
});
const cipherFields = {
  cipher: z.literal('aes-128-ctr'),
  cipherparams: z.object({ iv: hex(16) }),
  ciphertext: hex(32),
  mac: hex(32),
};
const cryptoSchema = z.discriminatedUnion('kdf', [
  z.object({ ...cipherFields, kdf: z.literal('scrypt'), kdfparams: scryptSchema }),
  z.object({ ...cipherFields, kdf: z.literal('pbkdf2'), kdfparams: pbkdf2Schema }),
]);
/** Words beside the key, as ethers adds them. */
const wordsSchema = z.object({
  version: z.literal('0.1'),
  mnemonicCounter: hex(16),
  mnemonicCiphertext: hex(16, 32).refine(
    (text) => text.length % 8 === 0,
    'the words have no length of words',
  ),
  path: z.string().regex(/^m(\/\d{1,10}'?){1,10}$/),
  locale: z.literal('en'),
});
const keystoreSchema = z.object({
  version: z.literal(3),
  address: hex(20).optional(),
  crypto: cryptoSchema,
  'x-ethers': wordsSchema.optional(),
});
export type Keystore = z.infer<typeof keystoreSchema>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Some programs write Crypto; a file with both would mean different things to different readers. */
function withOneCrypto(value: Record<string, unknown>): unknown {
  const { Crypto: upper, crypto: lower, ...rest } = value;
  return { ...rest, crypto: lower === undefined ? upper : upper === undefined ? lower : undefined };
}

/** JSON.parse quotes its input in messages: that of a secret file may not get into ours. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Checks the form of an encrypted key file, and that opening it costs no more memory or time than real ones do.
 * `place` names it in messages. @throws RiosError WALLET_KEYSTORE
 */
export function parseKeystore(text: string, place: string): Keystore {
  const value = parseJson(text);
  if (!isRecord(value)) {
    throw new RiosError('WALLET_KEYSTORE', `${place} is truncated, or not a keystore file`, {
      hint: 'Restore it from a backup. A key as plain text is imported by --private-key.',
    });
  }
  const parsed = keystoreSchema.safeParse(withOneCrypto(value));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') || 'its form';
  throw new RiosError(
    'WALLET_KEYSTORE',
    `${place} is not a keystore file that can be opened: ${field}: ${issue?.message}`,
    {
      details: { field },
    },
  );
}

/** The text that a reader of such files gets: only what was checked. */
export const formatKeystore = (keystore: Keystore): string => JSON.stringify(keystore);
