import type { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { DOMAINS, type Domain, type Signed } from '../schema/trust.ts';
import { signBytes, verifyBytes } from './ed25519.ts';
import { fromBase64url, toBase64url } from './hash.ts';

/** Signs `payload` (as JSON) for one domain with a 32-byte Ed25519 seed. */
export function sign(domain: Domain, payload: object, privateKey: Uint8Array): Signed {
  const bytes = Buffer.from(JSON.stringify(payload));
  return {
    payload: toBase64url(bytes),
    signature: toBase64url(signBytes(messageOf(domain, bytes), privateKey)),
  };
}

/**
 * Checks the signature over the exact payload bytes, and only then parses them.
 * Throws INTEGRITY_SIGNATURE when the signature, the JSON or its form is wrong.
 */
export function openSigned<T>(
  domain: Domain,
  signed: Signed,
  publicKey: Uint8Array,
  schema: z.ZodType<T>,
): T {
  const bytes = fromBase64url(signed.payload);
  if (!verifyBytes(messageOf(domain, bytes), fromBase64url(signed.signature), publicKey))
    throw new RiosError('INTEGRITY_SIGNATURE', `the signature of the ${domain} does not verify`);
  const parsed = schema.safeParse(parseJson(bytes));
  if (!parsed.success)
    throw new RiosError('INTEGRITY_SIGNATURE', `the signed ${domain} has not the form of one`);
  return parsed.data;
}

const messageOf = (domain: Domain, bytes: Uint8Array) =>
  Buffer.concat([Buffer.from(`${DOMAINS[domain]}\n`), bytes]);

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}
