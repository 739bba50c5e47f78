import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { RiosError } from '@rios/sdk/errors/error';
import { base64urlSchema } from '@rios/sdk/schema/common';
import { z } from 'zod';
import { refuseArchive } from './backup-manifest.ts';

/**
 * A stream under a passphrase. One line of JSON says how the key is made (scrypt); then come chunks of 64 KiB, each
 * AES-256-GCM with its number and whether it is the last in its nonce (the STREAM construction of Hoang, Reyhanitabar,
 * Rogaway and Vizár, 2015). So no byte is given out before it was authenticated, and a stream that was cut off,
 * reordered or joined from two is refused.
 */
const CHUNK_BYTES = 65_536;
const TAG_BYTES = 16;
const SEALED_BYTES = CHUNK_BYTES + TAG_BYTES;
const CIPHER = 'aes-256-gcm';
const MAX_HEADER_BYTES = 512;
const LOG_N = 17;
const BLOCK = 8;

/** How a sealed stream begins. */
export const SEALED_MAGIC = '{"format":"rios-sealed/1"';

/** A header may not make us spend more than 1 GiB of memory. */
const headerSchema = z.strictObject({
  format: z.literal('rios-sealed/1'),
  salt: base64urlSchema.length(22),
  logN: z.int().min(14).max(20),
});

async function* inChunks(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const bytes of source) {
    held.push(Buffer.from(bytes));
    heldBytes += bytes.byteLength;
    if (heldBytes <= size) continue;
    const all = Buffer.concat(held);
    let at = 0;
    // The last chunk is told by the end alone, so a full one waits for more.
    for (; all.byteLength - at > size; at += size) yield all.subarray(at, at + size);
    held = [all.subarray(at)];
    heldBytes = all.byteLength - at;
  }
  yield Buffer.concat(held);
}

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

/** Gives each with whether it is the last. */
async function* marked<T>(
  source: AsyncIterable<T>,
): AsyncGenerator<{ value: T; isLast: boolean; index: number }> {
  let before: { value: T } | undefined;
  let index = 0;
  for await (const value of source) {
    if (before !== undefined) yield { value: before.value, isLast: false, index: index++ };
    before = { value };
  }
  if (before !== undefined) yield { value: before.value, isLast: true, index };
}

/** Seals a stream; each has a key of its own. `logN` is the cost of guessing, as a logarithm. */
export async function* sealStream(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
  logN = LOG_N,
): AsyncGenerator<Uint8Array> {
  const salt = randomBytes(16);
  const header = `${JSON.stringify({ format: 'rios-sealed/1', salt: salt.toString('base64url'), logN })}\n`;
  const key = await stretch(passphrase, salt, logN);
  yield Buffer.from(header);
  for await (const { value, isLast, index } of marked(inChunks(source, CHUNK_BYTES))) {
    const cipher = createCipheriv(CIPHER, key, nonceOf(index, isLast)).setAAD(Buffer.from(header));
    yield Buffer.concat([cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  }
}

/**
 * Opens what sealStream wrote.
 * @throws RiosError AUTH_KEYSTORE_LOCKED (wrong passphrase), INTEGRITY_HASH (damaged, changed or cut off)
 */
export async function* openStream(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Uint8Array> {
  const { header, rest } = await takeHeader(source);
  const { salt, logN } = parseHeader(header);
  const key = await stretch(passphrase, Buffer.from(salt, 'base64url'), logN);
  const aad = Buffer.from(header);
  for await (const { value, isLast, index } of marked(inChunks(rest, SEALED_BYTES))) {
    yield openChunk(value, { key, aad, isLast, index });
  }
}

function openChunk(
  sealed: Buffer,
  { key, aad, isLast, index }: { key: Uint8Array; aad: Buffer; isLast: boolean; index: number },
): Uint8Array {
  const end = sealed.byteLength - TAG_BYTES;
  try {
    const decipher = createDecipheriv(CIPHER, key, nonceOf(index, isLast), { authTagLength: TAG_BYTES })
      .setAAD(aad)
      .setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch (cause) {
    if (index > 0) throw refuseArchive('it was cut off or changed', cause);
    throw new RiosError(
      'AUTH_KEYSTORE_LOCKED',
      'the passphrase does not open it, or its beginning was changed',
      {
        hint: 'Give the passphrase that it was made with.',
        cause,
      },
    );
  }
}

async function takeHeader(source: AsyncIterable<Uint8Array>) {
  const iterator = source[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  while (!start.includes(0x0a) && start.byteLength < MAX_HEADER_BYTES) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    start = Buffer.concat([start, value]);
  }
  const end = start.indexOf(0x0a) + 1;
  if (end === 0 || end > MAX_HEADER_BYTES) throw refuseArchive('it has no header');
  const rest = async function* (): AsyncGenerator<Uint8Array> {
    yield start.subarray(end);
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return { header: start.subarray(0, end).toString(), rest: rest() };
}

function parseHeader(header: string): z.infer<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(header));
  } catch (cause) {
    throw refuseArchive('its header is damaged', cause);
  }
}

function stretch(passphrase: string, salt: Uint8Array, logN: number): Promise<Uint8Array> {
  const options = { N: 2 ** logN, r: BLOCK, p: 1, maxmem: 256 * 2 ** logN * BLOCK };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
