import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { fromBase64url, toBase64url } from '../../src/crypto/hash.ts';
import { SEAL_BYTES, seal, unseal } from '../../src/crypto/seal.ts';

function createSealingKey() {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return {
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    open: toBase64url(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)),
  };
}

const worker = createSealingKey();
const secret = Buffer.from('{"DB_URL":"postgres://user:pass@db/app"}');

describe('seal', () => {
  it('default: the holder of the key reads what was sealed for it, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), fc.string(), (bytes, context) => {
        const sealed = seal(worker.open, bytes, context);
        assert.deepEqual(unseal(worker.pem, sealed, context), new Uint8Array(bytes));
      }),
    );
  });

  it('behaviour: the same bytes are never sealed alike, and nothing of them shows', () => {
    const [one, other] = [seal(worker.open, secret, 'rpl_1'), seal(worker.open, secret, 'rpl_1')];

    assert.notEqual(one, other);
    assert.notDeepEqual(fromBase64url(one).subarray(0, 32), fromBase64url(other).subarray(0, 32));
    assert.equal(fromBase64url(one).length, secret.length + SEAL_BYTES);
    assert.ok(!Buffer.from(fromBase64url(one)).includes('postgres'));
  });

  it('error INTEGRITY_SEAL: any byte of it changed', () => {
    const sealed = fromBase64url(seal(worker.open, secret, 'rpl_1'));
    for (let index = 0; index < sealed.length; index++) {
      const changed = sealed.slice();
      changed[index] = (changed[index] ?? 0) ^ 1;
      const act = () => unseal(worker.pem, toBase64url(changed), 'rpl_1');
      assert.throws(act, { code: 'INTEGRITY_SEAL' }, `byte ${index}`);
    }
  });

  const sealed = seal(worker.open, secret, 'rpl_1');
  const refused: [string, () => unknown][] = [
    ['sealed for another key', () => unseal(createSealingKey().pem, sealed, 'rpl_1')],
    ['moved to another container', () => unseal(worker.pem, sealed, 'rpl_2')],
    ['cut off', () => unseal(worker.pem, sealed.slice(0, 60), 'rpl_1')],
    ['empty', () => unseal(worker.pem, '', 'rpl_1')],
    ['a recipient key that is too short', () => seal('AAAA', secret, 'rpl_1')],
    ['a recipient key of small order', () => seal(toBase64url(new Uint8Array(32)), secret, 'rpl_1')],
    ['no private key', () => unseal('nothing', sealed, 'rpl_1')],
    [
      'a private key of another kind',
      () => {
        const { privateKey } = generateKeyPairSync('ed25519');
        return unseal(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), sealed, 'rpl_1');
      },
    ],
  ];
  for (const [what, act] of refused) {
    it(`error INTEGRITY_SEAL: ${what}`, () => {
      assert.throws(act, { code: 'INTEGRITY_SEAL' });
    });
  }
});
