import { signArchive, verifyArchive } from '@rios/sdk/app/archive-signature';
import { toBase64url } from '@rios/sdk/crypto/hash';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { appSourceSchema } from '@rios/sdk/schema/app';
import { expect } from 'chai';

const file = { sha256: 'a'.repeat(64), sizeBytes: 10, chunks: ['a'.repeat(64)] };
const deployer = createIdentity(new Uint8Array(32).fill(7));

describe('app/archive-signature', () => {
  it('default', () => {
    const source = signArchive(deployer, 'hello', file);

    expect(appSourceSchema.parse(source)).to.deep.equal(source);
    verifyArchive(source, 'hello');
  });

  const source = signArchive(deployer, 'hello', file);
  const other = createIdentity(new Uint8Array(32).fill(8));
  for (const [what, given, app] of [
    ['another file', { ...source, file: { ...file, sha256: 'b'.repeat(64) } }, 'hello'],
    ['another application', source, 'goodbye'],
    ['another key', { ...source, deployer: toBase64url(other.publicKey) }, 'hello'],
    ['a changed statement', { ...source, statement: { ...source.statement, payload: 'e30' } }, 'hello'],
  ] as const) {
    it(`error INTEGRITY_SIGNATURE: ${what}`, () => {
      expect(() => verifyArchive(given, app))
        .to.throw()
        .with.property('code', 'INTEGRITY_SIGNATURE');
    });
  }
});
