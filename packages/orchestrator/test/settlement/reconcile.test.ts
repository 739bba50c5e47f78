import { expect } from 'chai';
import { type ChainSums, reconcile, type StoreSums } from '../../src/settlement/reconcile.ts';

const A = `0x${'a'.repeat(40)}`;
const B = `0x${'b'.repeat(40)}`;

const books = (over: Partial<StoreSums> = {}): StoreSums => ({
  ledger: { allWei: 0n, escrowWei: -30n, settledWei: 9n },
  counted: new Map([
    [A, 10n],
    [B, 20n],
  ]),
  published: { writtenWei: 9n, doneWei: 9n, openWei: [] },
  ...over,
});
const onChain = (over: Partial<ChainSums> = {}): ChainSums => ({
  payers: new Map([
    [A, { balanceWei: 4n, spentWei: 6n }],
    [B, { balanceWei: 20n, spentWei: 0n }],
  ]),
  escrowTokensWei: 24n,
  publishedWei: 9n,
  ...over,
});

describe('reconcile', () => {
  it('default: accounts of the same money that agree to the wei have no difference', () => {
    expect(reconcile(books(), onChain())).to.deep.equal([]);
  });

  const off: readonly [string, StoreSums, ChainSums, string, bigint, bigint][] = [
    [
      'the ledger does not sum to zero',
      books({ ledger: { allWei: 1n, escrowWei: -30n, settledWei: 9n } }),
      onChain(),
      'ledger',
      0n,
      1n,
    ],
    [
      'the ledger has a deposit of 1 wei that nobody made',
      books({ ledger: { allWei: 0n, escrowWei: -31n, settledWei: 9n } }),
      onChain(),
      'escrow',
      30n,
      31n,
    ],
    [
      'a payer has 1 wei less on the chain',
      books(),
      onChain({ payers: new Map([...onChain().payers, [A, { balanceWei: 4n, spentWei: 5n }]]) }),
      A,
      10n,
      9n,
    ],
    [
      'the escrow has 1 token unit less than it owes',
      books(),
      onChain({ escrowTokensWei: 23n }),
      'escrow tokens',
      24n,
      23n,
    ],
    [
      'the ledger settled 1 wei more than was written for the chain',
      books({ ledger: { allWei: 0n, escrowWei: -30n, settledWei: 10n } }),
      onChain(),
      'settled',
      9n,
      10n,
    ],
    ['another total is published', books(), onChain({ publishedWei: 8n }), 'rewards', 9n, 8n],
  ];
  for (const [what, store, chain, where, expectedWei, foundWei] of off) {
    it(`behaviour: ${what}: it says where, and both amounts`, () => {
      expect(reconcile(store, chain)).to.deep.equal([{ where, expectedWei, foundWei }]);
    });
  }

  it('behaviour: a payer who is unknown on one side is a difference', () => {
    const counted = new Map([[A, 10n]]);
    const ledger = { allWei: 0n, escrowWei: -10n, settledWei: 9n };

    expect(reconcile(books({ counted, ledger }), onChain())).to.deep.equal([
      { where: B, expectedWei: 0n, foundWei: 20n },
    ]);
  });

  it('behaviour: tokens that somebody gave to the escrow are no difference', () => {
    expect(reconcile(books(), onChain({ escrowTokensWei: 25n }))).to.deep.equal([]);
  });

  it('behaviour: an epoch on its way may be on the chain or not', () => {
    const published = { writtenWei: 12n, doneWei: 9n, openWei: [12n] };
    const store = books({ published, ledger: { allWei: 0n, escrowWei: -30n, settledWei: 12n } });

    for (const publishedWei of [9n, 12n]) {
      expect(reconcile(store, onChain({ publishedWei })), String(publishedWei)).to.deep.equal([]);
    }
    expect(reconcile(store, onChain({ publishedWei: 11n }))).to.have.length(1);
  });
});
