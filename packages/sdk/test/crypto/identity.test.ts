import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import fc from 'fast-check';
import { decodeBase58, encodeBase58 } from '../../src/crypto/base58.ts';
import { createIdentity, loadOrCreateIdentity, publicKeyOf } from '../../src/crypto/identity.ts';
import { loadOrCreateNetworkKey, networkIdOf } from '../../src/crypto/network.ts';
import { peerIdOf } from '../../src/crypto/peer-id.ts';
import { networkIdSchema, peerIdSchema } from '../../src/schema/common.ts';
import { tempFolder } from '../support/temp-folder.ts';

describe('identity', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = tempFolder();
    file = join(folder, 'deep', 'identity.key');
  });

  it('default: created once, the same ever after, readable by its owner only, no draft left behind', async () => {
    const first = await loadOrCreateIdentity(file);
    const again = await loadOrCreateIdentity(file);

    assert.deepEqual(again, first);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(folder, 'deep')), ['identity.key']);
    assert.ok(peerIdSchema.safeParse(first.peerId).success);
  });

  it('behaviour: many at once get one identity', async () => {
    const all = await Promise.all(Array.from({ length: 16 }, () => loadOrCreateIdentity(file)));

    assert.equal(new Set(all.map(({ peerId }) => peerId)).size, 1);
    assert.deepEqual(await readdir(join(folder, 'deep')), ['identity.key']);
  });

  it('behaviour: peer id and public key are those of libp2p', async () => {
    for (let i = 0; i < 20; i++) {
      const theirs = await generateKeyPair('Ed25519');
      const ours = createIdentity(theirs.raw.slice(0, 32));

      assert.equal(ours.peerId, peerIdFromPrivateKey(theirs).toString());
      assert.deepEqual(publicKeyOf(ours.peerId), theirs.publicKey.raw);
    }
  });

  it('behaviour: a network key is kept the same way, with its own id', async () => {
    const key = await loadOrCreateNetworkKey(join(folder, 'network.key'));

    assert.deepEqual(await loadOrCreateNetworkKey(join(folder, 'network.key')), key);
    assert.equal(key.networkId, networkIdOf(key.publicKey));
    assert.ok(networkIdSchema.safeParse(key.networkId).success);
  });

  it('error INTEGRITY_KEY_FILE: truncated anywhere, or with any character changed', async () => {
    await loadOrCreateIdentity(file);
    const text = await readFile(file, 'utf8');
    const damaged = [
      '',
      ...[1, 20, text.length / 2, text.length - 3].map((length) => text.slice(0, length)),
      text.replace(/"privateKey":"(.)/, (whole, char) => whole.slice(0, -1) + (char === 'A' ? 'B' : 'A')),
      text.replace(/"publicKey":"(.)/, (whole, char) => whole.slice(0, -1) + (char === 'A' ? 'B' : 'A')),
    ];

    for (const content of damaged) {
      await writeFile(file, content);
      const loaded = loadOrCreateIdentity(file);
      await assert.rejects(loaded, { code: 'INTEGRITY_KEY_FILE', details: { file } }, content);
      assert.equal(await readFile(file, 'utf8'), content, 'a damaged key is never overwritten');
    }
  });

  it('error INTEGRITY_KEY_FILE: a network key where an identity is wanted', async () => {
    await loadOrCreateNetworkKey(file);
    await assert.rejects(loadOrCreateIdentity(file), { code: 'INTEGRITY_KEY_FILE' });
  });

  it('error: a key that cannot be read is not replaced', async () => {
    await mkdir(file, { recursive: true });
    await assert.rejects(loadOrCreateIdentity(file));
    assert.ok((await stat(file)).isDirectory());
  });
});

describe('peer id', () => {
  it('behaviour: base58 keeps any bytes, leading zeros too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        assert.deepEqual([...decodeBase58(encodeBase58(bytes))], [...bytes]);
      }),
    );
  });

  it('error USER_INVALID_REQUEST: text that is no Ed25519 peer id', () => {
    const good = peerIdOf(new Uint8Array(32).fill(1));
    const texts = ['', 'x', '0OIl', good.slice(1), `${good}1`, `${good.slice(0, -1)}0`, '1'.repeat(200)];
    const other = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N';
    for (const text of [...texts, other])
      assert.throws(() => publicKeyOf(text), { code: 'USER_INVALID_REQUEST' }, text);
  });
});
