import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { openStream, sealStream } from '../../src/upkeep/passphrase-cipher.ts';
import { expectError } from '../support/expect-error.ts';

const CHUNK = 65_536;
const SEALED = CHUNK + 16;
const LOG_N = 14;

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}
const seal = (bytes: Uint8Array, size = 10_007) => buffer(sealStream(pieces(bytes, size), 'horse', LOG_N));
const open = (sealed: Uint8Array, size = 10_007) => buffer(openStream(pieces(sealed, size), 'horse'));

describe('passphrase cipher', () => {
  it('default: any length comes back, however it is cut into pieces', async () => {
    for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5]) {
      const bytes = randomBytes(length);
      for (const size of [997, CHUNK, SEALED, 1_000_000]) {
        const back = await open(await seal(bytes, size), size);
        expect(back.equals(bytes), `${length} bytes in pieces of ${size}`).to.equal(true);
      }
    }
  });

  it('behaviour: two of the same have nothing in common, and the bytes are not in it', async () => {
    const bytes = Buffer.alloc(1000, 'secret');
    const [first, second] = [await seal(bytes), await seal(bytes)];

    expect(first.subarray(100).equals(second.subarray(100))).to.equal(false);
    expect(first.includes('secret')).to.equal(false);
  });

  it('error INTEGRITY_HASH: cut off, also between two chunks, reordered, repeated, or longer', async () => {
    const sealed = await seal(randomBytes(3 * CHUNK + 5));
    const start = sealed.indexOf(0x0a) + 1;
    const head = sealed.subarray(0, start);
    const chunk = (index: number) => sealed.subarray(start + index * SEALED, start + (index + 1) * SEALED);
    const bad: Record<string, Buffer> = {
      'in a chunk': sealed.subarray(0, start + SEALED + 100),
      'after two chunks': sealed.subarray(0, start + 2 * SEALED),
      'without the last': sealed.subarray(0, start + 3 * SEALED),
      swapped: Buffer.concat([head, chunk(0), chunk(2), chunk(1), chunk(3)]),
      repeated: Buffer.concat([head, chunk(0), chunk(1), chunk(1), chunk(2), chunk(3)]),
      longer: Buffer.concat([sealed, Buffer.alloc(1)]),
      'changed late': Buffer.concat([sealed.subarray(0, -1), Buffer.of((sealed.at(-1) ?? 0) ^ 1)]),
    };
    for (const [name, bytes] of Object.entries(bad)) {
      const error = await expectError(open(bytes), 'INTEGRITY_HASH');
      expect(error.message, name).to.contain('cut off or changed');
    }
    for (const bytes of [sealed.subarray(0, start - 1), Buffer.alloc(2000, 'x'), Buffer.alloc(0)]) {
      await expectError(open(bytes), 'INTEGRITY_HASH');
    }
  });

  it('error INTEGRITY_HASH: a header that would cost too much is not tried', async () => {
    const sealed = await seal(randomBytes(10));
    const dear = Buffer.from(sealed.toString('latin1').replace('"logN":14', '"logN":30'), 'latin1');

    await expectError(open(dear), 'INTEGRITY_HASH');
  });

  it('error AUTH_KEYSTORE_LOCKED: another passphrase, or a changed salt', async () => {
    const sealed = await seal(randomBytes(10));
    const wrong = buffer(openStream(pieces(sealed, 100), 'cart'));

    await expectError(wrong, 'AUTH_KEYSTORE_LOCKED');
    const salted = Buffer.from(sealed);
    const at = salted.indexOf('"salt":"') + 8;
    salted[at] = salted[at] === 0x41 ? 0x42 : 0x41;
    await expectError(open(salted), 'AUTH_KEYSTORE_LOCKED');
  });
});
