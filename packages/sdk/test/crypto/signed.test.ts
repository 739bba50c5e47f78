import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';
import { createKeyPair } from '../../src/crypto/ed25519.ts';
import { createIdentity } from '../../src/crypto/identity.ts';
import { createNetworkKey, issueCertificate, verifyCertificate } from '../../src/crypto/network.ts';
import { signReceipt, verifyReceipt } from '../../src/crypto/receipt.ts';
import { openSigned, sign } from '../../src/crypto/signed.ts';
import { type Receipt, signedSchema } from '../../src/schema/trust.ts';

const key = createKeyPair(new Uint8Array(32).fill(1));
const now = 1_700_000_000_000;

describe('signed', () => {
  it('default: what was signed is read back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const signed = sign('ticket', { value }, key.privateKey);
        assert.ok(signedSchema.safeParse(signed).success);
        const opened = openSigned('ticket', signed, key.publicKey, z.object({ value: z.unknown() }));
        assert.equal(JSON.stringify(opened), JSON.stringify({ value }));
      }),
    );
  });

  it('behaviour: the payload is not parsed before its signature is checked', () => {
    let parsed = 0;
    const spying = z.unknown().refine(() => ++parsed > 0);
    const signed = sign('ticket', { a: 1 }, key.privateKey);
    const other = createKeyPair();

    assert.throws(() => openSigned('ticket', signed, other.publicKey, spying), {
      code: 'INTEGRITY_SIGNATURE',
    });
    assert.equal(parsed, 0);
    openSigned('ticket', signed, key.publicKey, spying);
    assert.equal(parsed, 1);
  });

  const signed = sign('ticket', { a: 1 }, key.privateKey);
  const flip = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
  const forged: [string, () => unknown][] = [
    ['another domain', () => openSigned('receipt', signed, key.publicKey, z.unknown())],
    ['another key', () => openSigned('ticket', signed, createKeyPair().publicKey, z.unknown())],
    [
      'a changed payload',
      () => openSigned('ticket', { ...signed, payload: flip(signed.payload) }, key.publicKey, z.unknown()),
    ],
    [
      'a changed signature',
      () =>
        openSigned('ticket', { ...signed, signature: flip(signed.signature) }, key.publicKey, z.unknown()),
    ],
    ['no signature', () => openSigned('ticket', { ...signed, signature: '' }, key.publicKey, z.unknown())],
    ['another form', () => openSigned('ticket', signed, key.publicKey, z.strictObject({ b: z.number() }))],
  ];
  for (const [what, act] of forged) {
    it(`error INTEGRITY_SIGNATURE: ${what}`, () => {
      assert.throws(act, { code: 'INTEGRITY_SIGNATURE' });
    });
  }
});

describe('certificate', () => {
  const network = createNetworkKey(new Uint8Array(32).fill(2));
  const { peerId } = createIdentity(new Uint8Array(32).fill(3));
  const certificate = issueCertificate(network, peerId, now, 60_000);

  it('default: says who the orchestrator is, from its start to its end, 5 s of clock difference allowed', () => {
    for (const time of [now - 5_000, now, now + 65_000]) {
      const opened = verifyCertificate(certificate, network.publicKey, time, peerId);
      assert.equal(opened.orchestrator, peerId);
      assert.equal(opened.networkId, network.networkId);
    }
  });

  const refused: [string, string, () => unknown][] = [
    ['AUTH_PEER_UNKNOWN', 'too late', () => verifyCertificate(certificate, network.publicKey, now + 65_001)],
    ['AUTH_PEER_UNKNOWN', 'too early', () => verifyCertificate(certificate, network.publicKey, now - 5_001)],
    [
      'AUTH_PEER_UNKNOWN',
      'another peer',
      () => verifyCertificate(certificate, network.publicKey, now, createIdentity().peerId),
    ],
    [
      'INTEGRITY_SIGNATURE',
      'another network',
      () => verifyCertificate(certificate, createNetworkKey().publicKey, now),
    ],
    [
      'AUTH_PEER_UNKNOWN',
      'the right key under another network id',
      () => {
        const lying = { ...network, networkId: createNetworkKey().networkId };
        return verifyCertificate(issueCertificate(lying, peerId, now, 1), network.publicKey, now);
      },
    ],
  ];
  for (const [code, what, act] of refused) {
    it(`error ${code}: ${what}`, () => {
      assert.throws(act, { code });
    });
  }
});

describe('receipt', () => {
  const worker = createIdentity();
  const receipt: Receipt = {
    networkId: createNetworkKey().networkId,
    requestId: 'req_0123456789abc',
    worker: worker.peerId,
    ticketNonce: '0'.repeat(32),
    modelHash: 'a'.repeat(64),
    parts: ['trunk.000', 'experts.000.001'],
    units: 12,
    calls: 3,
    chunks: [{ rows: 4, times: 3 }],
    runningHash: 'b'.repeat(64),
    inputCommitment: 'c'.repeat(64),
    outputCommitment: 'd'.repeat(64),
    numericClass: 'ort-1.30/cpu/avx2',
    price: '1000000000000000000',
    startedAt: now,
    finishedAt: now + 5,
    busyMs: 4.5,
  };

  it('default: signed by the worker, read back whole', () => {
    assert.deepEqual(verifyReceipt(signReceipt(worker, receipt), worker.peerId), receipt);
  });

  it('error INTEGRITY_SIGNATURE: another signer, or another worker named', () => {
    const other = createIdentity();
    const stolen = signReceipt(other, receipt);
    const posing = signReceipt(other, receipt);
    assert.throws(() => verifyReceipt(stolen, worker.peerId), { code: 'INTEGRITY_SIGNATURE' });
    assert.throws(() => verifyReceipt(posing, other.peerId), { code: 'INTEGRITY_SIGNATURE' });
  });
});
