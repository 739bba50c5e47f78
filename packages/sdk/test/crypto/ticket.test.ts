import assert from 'node:assert/strict';
import { createIdentity, type Identity } from '../../src/crypto/identity.ts';
import { createNetworkKey, issueCertificate, type NetworkKey } from '../../src/crypto/network.ts';
import { openSigned, sign } from '../../src/crypto/signed.ts';
import { createNonceSet, issueTicket, type TicketCheck, verifyTicket } from '../../src/crypto/ticket.ts';
import { type Ticket, ticketSchema } from '../../src/schema/trust.ts';
import { createFakeClock } from '../wire/fake-clock.ts';

const now = 1_700_000_000_000;
const network = createNetworkKey();
const orchestrator = createIdentity();
const holder = createIdentity();
const worker = createIdentity();

function buildTicket(fields: Partial<Ticket> = {}, by: Identity = orchestrator, key: NetworkKey = network) {
  const { issuer: _, issuedAt, nonce: __, ...rest } = { ...baseTicket(), ...fields };
  const certificate = issueCertificate(key, by.peerId, issuedAt, 3_600_000);
  return issueTicket(by, certificate, rest, issuedAt);
}

const baseTicket = (): Ticket => ({
  networkId: network.networkId,
  purpose: 'compute',
  issuer: orchestrator.peerId,
  holder: holder.peerId,
  audience: worker.peerId,
  requestId: 'req_0123456789abc',
  modelHash: 'a'.repeat(64),
  parts: ['trunk.000'],
  maxUnits: 100,
  issuedAt: now,
  expiresAt: now + 30_000,
  nonce: '0'.repeat(32),
});

const check = (changes: Partial<TicketCheck> = {}): TicketCheck => ({
  networkPublicKey: network.publicKey,
  self: worker.peerId,
  holder: holder.peerId,
  now,
  ...changes,
});

/** A ticket signed by somebody with any content. */
function forge(fields: Partial<Ticket>, by: Identity, certified: Identity = by, key: NetworkKey = network) {
  const ticket = sign('ticket', { ...baseTicket(), ...fields }, by.privateKey);
  return { ticket, certificate: issueCertificate(key, certified.peerId, now, 3_600_000) };
}

describe('ticket', () => {
  it('default: holds for its holder, at its audience, in its time; each has a nonce of its own', () => {
    const first = verifyTicket(buildTicket(), check());
    const second = verifyTicket(buildTicket(), check());

    assert.deepEqual(first, { ...baseTicket(), nonce: first.nonce });
    assert.notEqual(first.nonce, second.nonce);
  });

  it('behaviour: 5 s of clock difference are allowed, either way', () => {
    for (const time of [now - 5_000, now + 35_000])
      assert.ok(verifyTicket(buildTicket(), check({ now: time })), `${time - now} ms`);
  });

  it('behaviour: a fetch ticket may be shown to any member', () => {
    const ticket = buildTicket({ purpose: 'fetch', audience: null });

    assert.ok(verifyTicket(ticket, check({ self: createIdentity().peerId, purpose: 'fetch' })));
  });

  it('error AUTH_TICKET_EXPIRED: too late', () => {
    assert.throws(() => verifyTicket(buildTicket(), check({ now: now + 35_001 })), {
      code: 'AUTH_TICKET_EXPIRED',
    });
  });

  const other = createIdentity();
  const otherNetwork = createNetworkKey();
  const certifiedLater = {
    ticket: buildTicket().ticket,
    certificate: issueCertificate(network, orchestrator.peerId, now - 10_000, 1),
  };
  const forgeries: [string, () => unknown][] = [
    ['shown by another peer', () => verifyTicket(buildTicket(), check({ holder: other.peerId }))],
    ['shown to another peer', () => verifyTicket(buildTicket(), check({ self: other.peerId }))],
    ['from the future', () => verifyTicket(buildTicket(), check({ now: now - 5_001 }))],
    ['for another purpose', () => verifyTicket(buildTicket(), check({ purpose: 'fetch' }))],
    ['to compute, for nobody in particular', () => verifyTicket(buildTicket({ audience: null }), check())],
    [
      'certified by another network',
      () => verifyTicket(buildTicket({}, orchestrator, otherNetwork), check()),
    ],
    [
      'naming another network',
      () => verifyTicket(forge({ networkId: otherNetwork.networkId }, orchestrator), check()),
    ],
    ['signed by its holder', () => verifyTicket(forge({}, holder, orchestrator), check())],
    [
      'signed by a peer that certifies itself',
      () => verifyTicket(forge({}, other, other, { ...otherNetwork, networkId: network.networkId }), check()),
    ],
    ['naming another issuer', () => verifyTicket(forge({ issuer: other.peerId }, orchestrator), check())],
    ['under a certificate that has expired', () => verifyTicket(certifiedLater, check())],
    [
      'with a certificate in its place',
      () => {
        const { certificate } = buildTicket();
        return verifyTicket({ ticket: certificate, certificate }, check());
      },
    ],
    [
      'with a ticket for a certificate',
      () => {
        const { ticket } = buildTicket();
        return verifyTicket({ ticket, certificate: ticket }, check());
      },
    ],
    [
      'without a required field',
      () => verifyTicket(forge({ maxUnits: undefined as never }, orchestrator), check()),
    ],
  ];
  for (const [what, act] of forgeries) {
    it(`error AUTH_TICKET_INVALID: ${what}`, () => {
      assert.throws(act, { code: 'AUTH_TICKET_INVALID' });
    });
  }

  it('error AUTH_TICKET_INVALID: any byte of it changed', () => {
    const bundle = buildTicket();
    const opened = openSigned('ticket', bundle.ticket, orchestrator.publicKey, ticketSchema);
    const raised = Buffer.from(JSON.stringify({ ...opened, maxUnits: 1e9 })).toString('base64url');

    const forged = { ...bundle, ticket: { ...bundle.ticket, payload: raised } };

    assert.throws(() => verifyTicket(forged, check()), { code: 'AUTH_TICKET_INVALID' });
  });

  it('error AUTH_TICKET_INVALID: used a second time', () => {
    const clock = createFakeClock(now);
    const seen = createNonceSet(clock);
    const ticket = buildTicket();

    verifyTicket(ticket, check({ seen }));

    assert.throws(() => verifyTicket(ticket, check({ seen })), { code: 'AUTH_TICKET_INVALID' });
    assert.ok(verifyTicket(buildTicket(), check({ seen })));
  });

  it('behaviour: a refused ticket does not use up its nonce', () => {
    const seen = createNonceSet(createFakeClock(now));
    const ticket = buildTicket();

    assert.throws(() => verifyTicket(ticket, check({ seen, holder: other.peerId })));

    assert.ok(verifyTicket(ticket, check({ seen })));
  });
});

describe('nonce set', () => {
  it('behaviour: full of unexpired nonces it lets nothing in; expired ones make room', () => {
    const clock = createFakeClock(now);
    const seen = createNonceSet(clock, 2);
    assert.deepEqual([seen.add('a', now + 1_000), seen.add('b', now + 9_000)], [true, true]);

    assert.equal(seen.add('c', now + 9_000), false);
    clock.advance(6_001);

    assert.equal(seen.add('c', now + 19_000), true);
    assert.equal(seen.size, 2);
    assert.equal(seen.add('b', now + 19_000), false);
  });
});
