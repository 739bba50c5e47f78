import { getAddress, TypedDataEncoder, verifyMessage, verifyTypedData, type Wallet } from 'ethers';
import { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { ethereumAddressSchema, signatureSchema } from '../schema/wallet.ts';

const fieldsSchema = z
  .array(z.strictObject({ name: z.string().max(128), type: z.string().max(128) }))
  .max(256);
/** What `eth_signTypedData_v4` takes (EIP-712). */
const typedDataSchema = z.strictObject({
  types: z.record(z.string().max(128), fieldsSchema),
  primaryType: z.string().max(128),
  domain: z.strictObject({
    name: z.string().max(1024).exactOptional(),
    version: z.string().max(128).exactOptional(),
    chainId: z.union([z.int().min(0), z.string().regex(/^\d{1,78}$|^0x[0-9a-fA-F]{1,64}$/)]).exactOptional(),
    verifyingContract: ethereumAddressSchema.exactOptional(),
    salt: z
      .string()
      .regex(/^0x[0-9a-fA-F]{64}$/)
      .exactOptional(),
  }),
  message: z.record(z.string(), z.unknown()),
});
type TypedData = z.infer<typeof typedDataSchema>;

/** What a wallet can sign: bytes by EIP-191 (`personal_sign`), or a record with types by EIP-712. */
export type Signable =
  | { readonly kind: 'message'; readonly message: Uint8Array }
  | { readonly kind: 'typed-data'; readonly typed: TypedData };

const wrong = (message: string) => new RiosError('USER_INVALID_REQUEST', message);

/** The fields of EIP712Domain are those that the domain has: ethers finds them itself. */
const typesOf = ({ types: { EIP712Domain: _domain, ...types } }: TypedData) => types;

/** Reads the JSON of typed data. @throws RiosError USER_INVALID_REQUEST */
export function parseTypedData(text: string): Signable {
  let typed: TypedData;
  try {
    typed = typedDataSchema.parse(JSON.parse(text));
    const found = TypedDataEncoder.from(typesOf(typed)).primaryType;
    if (found !== typed.primaryType) throw wrong(`its types lead to ${found}, not to ${typed.primaryType}`);
    TypedDataEncoder.hash(typed.domain, typesOf(typed), typed.message);
  } catch (cause) {
    if (cause instanceof RiosError) throw cause;
    throw new RiosError('USER_INVALID_REQUEST', 'that is no typed data of EIP-712', {
      hint: 'It is JSON with types, primaryType, domain and message, and each value fits its type.',
      cause,
    });
  }
  return { kind: 'typed-data', typed };
}

/** 65 bytes of signature in hexadecimal. */
export function sign(signer: Wallet, signable: Signable): Promise<string> {
  if (signable.kind === 'message') return signer.signMessage(signable.message);
  const { typed } = signable;
  return signer.signTypedData(typed.domain, typesOf(typed), typed.message);
}

/** The address whose key made the signature. @throws RiosError USER_INVALID_REQUEST, INTEGRITY_SIGNATURE */
export function recoverSigner(signable: Signable, signature: string): string {
  if (!signatureSchema.safeParse(signature).success) {
    throw wrong('a signature is 0x and 130 hexadecimal digits');
  }
  try {
    if (signable.kind === 'message') return verifyMessage(signable.message, signature);
    const { typed } = signable;
    return verifyTypedData(typed.domain, typesOf(typed), typed.message, signature);
  } catch (cause) {
    throw new RiosError('INTEGRITY_SIGNATURE', 'these bytes are the signature of nothing', { cause });
  }
}

/** The address in its checksummed form. @throws RiosError USER_INVALID_REQUEST: its length, its checksum */
export function parseAddress(text: string): string {
  if (!ethereumAddressSchema.safeParse(text).success)
    throw wrong('an address is 0x and 40 hexadecimal digits');
  try {
    return getAddress(text);
  } catch (cause) {
    throw new RiosError('USER_INVALID_REQUEST', `the checksum of ${text} fails: a digit of it is wrong`, {
      hint: 'Copy it again.',
      cause,
    });
  }
}
