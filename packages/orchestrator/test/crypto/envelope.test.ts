import { expect } from 'chai';
import fc from 'fast-check';
import { openEnvelope, rewrapEnvelope, sealEnvelope } from '../../src/crypto/envelope.ts';
import { createMasterKeys } from '../../src/crypto/master-keys.ts';
import { expectError } from '../support/expect-error.ts';

const OLD = new Uint8Array(32).fill(1);
const NEW = new Uint8Array(32).fill(2);
const secret = new TextEncoder().encode('JBSWY3DPEHPK3PXP');
const refused = (work: () => unknown) => expectError((async () => work())(), 'INTEGRITY_SECRET');

describe('envelope', () => {
  it('default: any secret comes back under its own context', () => {
    const keys = createMasterKeys([NEW]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.string(), (bytes, context) => {
        expect(openEnvelope(keys, sealEnvelope(keys, bytes, context), context)).to.deep.equal(bytes);
      }),
    );
  });

  it('behaviour: the same secret never looks the same, and is not in it', () => {
    const keys = createMasterKeys([NEW]);
    const [first, second] = [sealEnvelope(keys, secret, 'a'), sealEnvelope(keys, secret, 'a')];

    expect(first).to.not.equal(second);
    expect(Buffer.from(first.split('.')[3] ?? '', 'base64url').includes(Buffer.from(secret))).to.equal(false);
  });

  it('error INTEGRITY_SECRET: any changed character', async () => {
    const keys = createMasterKeys([NEW]);
    const sealed = sealEnvelope(keys, secret, 'totp:acc_1');
    for (let index = 0; index < sealed.length; index++) {
      const other = sealed[index] === 'A' ? 'B' : 'A';
      await refused(() =>
        openEnvelope(keys, sealed.slice(0, index) + other + sealed.slice(index + 1), 'totp:acc_1'),
      );
    }
  });

  it('error INTEGRITY_SECRET: another row, another key, cut off, or nothing like it', async () => {
    const keys = createMasterKeys([NEW]);
    const sealed = sealEnvelope(keys, secret, 'totp:acc_1');

    await refused(() => openEnvelope(keys, sealed, 'totp:acc_2'));
    await refused(() => openEnvelope(createMasterKeys([OLD]), sealed, 'totp:acc_1'));
    for (const text of [sealed.slice(0, 60), `${sealed}.x`, '', '....', 'rios1...', `${sealed}=`]) {
      await refused(() => openEnvelope(keys, text, 'totp:acc_1'));
    }
  });

  it('behaviour: after a rotation old secrets open, and rewrapped ones need the new key alone', async () => {
    const sealed = sealEnvelope(createMasterKeys([OLD]), secret, 'a');
    const both = createMasterKeys([NEW, OLD]);
    expect(openEnvelope(both, sealed, 'a')).to.deep.equal(secret);

    const rewrapped = rewrapEnvelope(both, sealed, 'a');
    expect(openEnvelope(createMasterKeys([NEW]), rewrapped, 'a')).to.deep.equal(secret);
    expect(rewrapEnvelope(both, rewrapped, 'a')).to.equal(rewrapped);
    await refused(() => rewrapEnvelope(both, sealed, 'b'));
  });
});
