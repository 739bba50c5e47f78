import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MAX_PRICE_WEI } from '../../src/billing/price-table.ts';
import { priceUsage } from '../../src/billing/price-usage.ts';
import {
  issueQuote,
  MAX_QUOTE_MS,
  mostOf,
  priceLimitOf,
  type QuoteCheck,
  type QuoteWish,
  verifyQuote,
} from '../../src/billing/quote.ts';
import { createIdentity, type Identity } from '../../src/crypto/identity.ts';
import { createNetworkKey, issueCertificate, type NetworkKey } from '../../src/crypto/network.ts';
import { sign } from '../../src/crypto/signed.ts';
import type { Quote } from '../../src/schema/quote.ts';

const now = 1_700_000_000_000;
const network = createNetworkKey();
const orchestrator = createIdentity();
const [worker, other] = [createIdentity().peerId, createIdentity().peerId];

const buildWish = (changes: Partial<QuoteWish> = {}): QuoteWish => ({
  quoteId: 'quo_0123456789abc',
  networkId: network.networkId,
  accountId: 'acc_0123456789abc',
  model: 'tiny',
  modelHash: 'a'.repeat(64),
  tableVersion: 1,
  lines: [
    { worker, maxUnits: 2_000_000, priceWei: '1000' },
    { worker: other, maxUnits: 500_000, priceWei: '3001' },
  ],
  issuedAt: now,
  expiresAt: now + 60_000,
  ...changes,
});

const certify = (
  by: Identity = orchestrator,
  key: NetworkKey = network,
  at = now - 1000,
  ttlMs = 86_400_000,
) => issueCertificate(key, by.peerId, at, ttlMs);

const issue = (changes: Partial<QuoteWish> = {}) => issueQuote(orchestrator, certify(), buildWish(changes));

const check = (changes: Partial<QuoteCheck> = {}): QuoteCheck => ({
  networkPublicKey: network.publicKey,
  accountId: 'acc_0123456789abc',
  modelHash: 'a'.repeat(64),
  now,
  ...changes,
});

/** A quote signed by somebody with any content. */
function forge(changes: Partial<Quote>, by: Identity = orchestrator, certificate = certify(by)) {
  const quote = { ...buildWish(), issuer: by.peerId, mostWei: '3500', ...changes };
  return { quote: sign('quote', quote, by.privateKey), certificate };
}

describe('quote', () => {
  it('default: says the most that a request can cost, and holds for its account, model and time', () => {
    const quote = verifyQuote(issue(), check());

    assert.equal(quote.mostWei, '3500');
    assert.equal(quote.issuer, orchestrator.peerId);
    assert.deepEqual(quote, { ...buildWish(), issuer: orchestrator.peerId, mostWei: '3500' });
  });

  it('behaviour: 5 s of clock difference are allowed, either way', () => {
    for (const at of [now - 5_000, now + 65_000])
      assert.ok(verifyQuote(issue(), check({ now: at })), `${at}`);
  });

  it('error BILLING_QUOTE_EXPIRED: too late, also when its certificate is over too', () => {
    for (const at of [now + 65_001, now + 10 * 86_400_000])
      assert.throws(() => verifyQuote(issue(), check({ now: at })), { code: 'BILLING_QUOTE_EXPIRED' });
  });

  it('error BILLING_QUOTE_INVALID: from the future, as after a clock was set back', () => {
    assert.throws(() => verifyQuote(issue(), check({ now: now - 5_001 })), {
      code: 'BILLING_QUOTE_INVALID',
      details: { reason: 'future' },
    });
  });

  it('error BILLING_QUOTE_INVALID: foreign: of another account, model or network', () => {
    const foreign = createNetworkKey();
    const cases = [
      { reason: 'account', given: check({ accountId: 'acc_another0123456' }) },
      { reason: 'model', given: check({ modelHash: 'b'.repeat(64) }) },
      { reason: 'signature', given: check({ networkPublicKey: foreign.publicKey }) },
    ];

    for (const { reason, given } of cases)
      assert.throws(() => verifyQuote(issue(), given), {
        code: 'BILLING_QUOTE_INVALID',
        details: { reason },
      });
  });

  it('error BILLING_QUOTE_INVALID: altered in any byte of the payload, the signature or the certificate', () => {
    const bundle = issue();
    const altered = (text: string, at: number) =>
      `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
    const refusal = { code: 'BILLING_QUOTE_INVALID', details: { reason: 'signature' } };
    fc.assert(
      fc.property(
        fc.constantFrom('quote', 'certificate'),
        fc.constantFrom('payload', 'signature'),
        fc.nat(),
        (part, field, seed) => {
          const text = bundle[part][field];
          // the last character of base64url has bits that stand for nothing
          const changed = altered(text, seed % (text.length - 1));
          const given = { ...bundle, [part]: { ...bundle[part], [field]: changed } };

          assert.throws(() => verifyQuote(given, check()), refusal);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('error BILLING_QUOTE_INVALID: signed by a stranger, or for another purpose', () => {
    const stranger = createIdentity();
    const refusal = { code: 'BILLING_QUOTE_INVALID', details: { reason: 'signature' } };
    const asTicket = sign('ticket', { ...buildWish(), mostWei: '3500' }, orchestrator.privateKey);
    const wrong = {
      'a stranger': forge({}, stranger, certify(stranger, createNetworkKey())),
      'a stranger with the certificate of another': forge({}, stranger, certify()),
      'another issuer': forge({ issuer: stranger.peerId }),
      'another network': forge({ networkId: createNetworkKey().networkId }),
      'before its certificate': forge({ issuedAt: now - 2000 }),
      'beyond its certificate': forge({}, orchestrator, certify(orchestrator, network, now - 1000, 2000)),
      'a ticket': { quote: asTicket, certificate: certify() },
    };

    for (const [name, bundle] of Object.entries(wrong))
      assert.throws(() => verifyQuote(bundle, check()), refusal, name);
    assert.ok(verifyQuote(forge({}), check()), 'the forger makes good ones too');
  });

  it('error BILLING_QUOTE_INVALID: a sum that is not that of its lines, or lines that have none', () => {
    const absurd = [{ worker, maxUnits: 1, priceWei: String(MAX_PRICE_WEI + 1n) }];
    for (const changes of [{ mostWei: '3499' }, { mostWei: '3501' }, { lines: absurd, mostWei: '1' }])
      assert.throws(() => verifyQuote(forge(changes), check()), {
        code: 'BILLING_QUOTE_INVALID',
        details: { reason: 'sum' },
      });
  });

  it('error BILLING_PRICE: none is issued of absurd prices or units, without lines, over no time or too long', () => {
    const wrong: Record<string, Partial<QuoteWish>> = {
      'a negative price': { lines: [{ worker, maxUnits: 1, priceWei: '-1' }] },
      'an absurd price': { lines: [{ worker, maxUnits: 1, priceWei: String(MAX_PRICE_WEI + 1n) }] },
      'negative units': { lines: [{ worker, maxUnits: -1, priceWei: '1' }] },
      'half a unit': { lines: [{ worker, maxUnits: 0.5, priceWei: '1' }] },
      'no lines': { lines: [] },
      'no time': { expiresAt: now },
      'a time that goes back': { expiresAt: now - 1 },
      'too long': { expiresAt: now + MAX_QUOTE_MS + 1 },
    };

    for (const [name, changes] of Object.entries(wrong))
      assert.throws(() => issue(changes), { code: 'BILLING_PRICE' }, name);
    assert.ok(issue({ expiresAt: now + MAX_QUOTE_MS }));
  });

  it('behaviour: the price limit of a worker is its line; of one without a line, the highest', () => {
    const quote = verifyQuote(issue(), check());

    assert.equal(priceLimitOf(quote, worker), 1000n);
    assert.equal(priceLimitOf(quote, other), 3001n);
    assert.equal(priceLimitOf(quote, createIdentity().peerId), 3001n);
  });

  it('behaviour: receipts within a line never cost more than the line', () => {
    const receipts = fc.array(fc.nat({ max: 2 ** 40 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(receipts, fc.bigInt(0n, MAX_PRICE_WEI), (counts, priceWei) => {
        const maxUnits = counts.reduce((sum, units) => sum + units, 0);
        const most = mostOf([{ maxUnits, priceWei: String(priceWei) }]);

        const costs = counts.map((quantity) => priceUsage({ resource: 'units', quantity, priceWei }));
        assert.ok(costs.reduce((sum, wei) => sum + wei, 0n) <= most);
      }),
    );
  });
});
