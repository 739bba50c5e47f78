import assert from 'node:assert/strict';
import { createIdentity, type Identity } from '@rios/sdk/crypto/identity';
import { signReceipt } from '@rios/sdk/crypto/receipt';
import type { GeneratedPart } from '@rios/sdk/schema/inference';
import type { Receipt, Signed } from '@rios/sdk/schema/trust';
import { createReceiptCollector } from '../../src/services/receipt-collector.ts';
import { anna, ben, buildReceipt, buildTicket, nonceOf, STARTED_AT } from '../support/bill.ts';

const tickets = [buildTicket(), buildTicket({ nonce: nonceOf(2), worker: ben.peerId })];
const collector = () => createReceiptCollector(tickets, STARTED_AT);
const ofAnna = (changes: Partial<Receipt> = {}) => signReceipt(anna, buildReceipt(changes));
const ofBen = (changes: Partial<Receipt> = {}) =>
  signReceipt(ben, buildReceipt({ worker: ben.peerId, ticketNonce: nonceOf(2), ...changes }));
const report = (...receipts: Signed[]): GeneratedPart => ({ text: '', ids: [], receipts });
const unitsOf = (verified: readonly { receipt: Receipt }[]) =>
  verified.map(({ receipt }) => [receipt.worker, receipt.units]);

/** `by` signs what `claimed` should have signed. */
const forged = (by: Identity, changes: Partial<Receipt>) => signReceipt(by, buildReceipt(changes));

describe('createReceiptCollector', () => {
  it('default: the newest of each ticket counts when no last frame came', () => {
    const collected = collector();

    collected.take(report(ofAnna({ units: 10 })), STARTED_AT + 1);
    collected.take(report(ofAnna({ units: 30 }), ofBen({ units: 5 })), STARTED_AT + 250);
    collected.take(report(ofAnna({ units: 20 })), STARTED_AT + 500);

    const { verified, refused } = collected.close([]);
    assert.deepEqual(unitsOf(verified), [
      [anna.peerId, 30],
      [ben.peerId, 5],
    ]);
    assert.deepEqual(refused, []);
  });

  it('behaviour: the last frame replaces what came before, even by less; who is not in it keeps its newest', () => {
    const collected = collector();
    collected.take(report(ofAnna({ units: 30 }), ofBen({ units: 5 })), STARTED_AT + 1);

    const { verified } = collected.close([ofAnna({ units: 29 })]);

    assert.deepEqual(unitsOf(verified), [
      [anna.peerId, 29],
      [ben.peerId, 5],
    ]);
  });

  it('behaviour: a part loses its receipts on the way to the client, and is nothing without them', () => {
    const collected = collector();
    const part = { text: 'a', ids: [1], receipts: [ofAnna()] };

    assert.deepEqual(collected.take(part, STARTED_AT), { text: 'a', ids: [1] });
    assert.deepEqual(collected.take({ text: '', ids: [7] }, STARTED_AT), { text: '', ids: [7] });
    assert.equal(collected.take(report(ofAnna()), STARTED_AT), undefined);
  });

  it('behaviour: a receipt that another has signed does not displace the true one', () => {
    const collected = collector();
    const benForAnna = forged(ben, { units: 900 });
    collected.take(report(ofAnna({ units: 10 }), benForAnna), STARTED_AT + 1);

    const { verified, refused } = collected.close([benForAnna]);

    assert.deepEqual(unitsOf(verified), [[anna.peerId, 10]]);
    assert.deepEqual(refused, [
      'an interim receipt was not signed by its worker',
      'a receipt was not signed by the worker that it names',
    ]);
  });

  it('behaviour: a worker that signs for the ticket of another takes nothing from it', () => {
    const collected = collector();
    collected.take(report(ofAnna({ units: 10 })), STARTED_AT + 1);
    const stolen = signReceipt(ben, buildReceipt({ worker: ben.peerId, units: 900 }));
    collected.take(report(stolen), STARTED_AT + 2);

    const { verified, refused } = collected.close([stolen]);

    assert.deepEqual(unitsOf(verified), [
      [ben.peerId, 900],
      [anna.peerId, 10],
    ]);
    assert.deepEqual(refused, ['an interim receipt is for no ticket of the request']);
  });

  it('behaviour: interim receipts of strangers and garbage are left out', () => {
    const collected = collector();
    const stranger = createIdentity();
    const garbage = { payload: 'AAAA', signature: 'AAAA' };

    collected.take(
      report(signReceipt(stranger, buildReceipt({ worker: stranger.peerId })), garbage),
      STARTED_AT,
    );

    assert.deepEqual(collected.close([garbage]).verified, []);
  });

  it('behaviour: a flood of receipts is read no further than tickets and time allow', () => {
    const collected = collector();
    const flood = Array.from({ length: 1_000 }, (_, i) => ofAnna({ units: i + 1 }));

    collected.take(report(...flood), STARTED_AT);

    const { verified, refused } = collected.close([]);
    assert.deepEqual(unitsOf(verified), [[anna.peerId, 16]]);
    assert.deepEqual(refused, ['more interim receipts came than are read']);
  });

  it('behaviour: an honest stage that reports for minutes is read to the end', () => {
    const collected = collector();
    const count = 600;

    for (let i = 1; i <= count; i++) collected.take(report(ofAnna({ units: i })), STARTED_AT + i * 250);

    assert.deepEqual(unitsOf(collected.close([]).verified), [[anna.peerId, count]]);
  });

  it('behaviour: a last frame of too many receipts is read in part', () => {
    const final = Array.from({ length: 40 }, () => ofAnna());

    const { verified, refused } = collector().close(final);

    assert.equal(verified.length, 16);
    assert.deepEqual(refused, ['more receipts came than are read']);
  });
});
