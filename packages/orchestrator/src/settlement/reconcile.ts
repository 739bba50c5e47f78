/** What the ledger says, as of one moment; wei of ROS. */
export interface LedgerSums {
  /** Of all entries ever: 0. */
  readonly allWei: bigint;
  /** Balance of `escrow`: deposits less withdrawals, with the sign of a counterpart. */
  readonly escrowWei: bigint;
  /** Balance of `settled`: what ever went into epochs for workers. */
  readonly settledWei: bigint;
}

/** What the outbox says of epochs' totals for workers; wei of ROS. */
export interface PublishedSums {
  /** Of the newest epoch that was written, 0 before the first. */
  readonly writtenWei: bigint;
  /** Of the newest that is known to be on the chain. */
  readonly doneWei: bigint;
  /** Of those after it: any may be there already. */
  readonly openWei: readonly bigint[];
}

/** What the chain says, as of one block; wei of ROS. */
export interface ChainSums {
  /** Of each payer: what is in the escrow, and what was ever collected. */
  readonly payers: ReadonlyMap<string, { readonly balanceWei: bigint; readonly spentWei: bigint }>;
  /** Tokens that the escrow has. Anybody may have sent it some more. */
  readonly escrowTokensWei: bigint;
  /** Total of the root that waits, or else of the live one; 0 before the first. */
  readonly publishedWei: bigint;
}

/** A place where two accounts of the same money are not equal. */
export interface Difference {
  /** `ledger`, `escrow`, `escrow tokens`, `settled`, `rewards`, or the payer's address. */
  readonly where: string;
  readonly expectedWei: bigint;
  readonly foundWei: bigint;
}

/** One moment of the store. */
export interface StoreSums {
  readonly ledger: LedgerSums;
  /** What each payer put in less what he took out, by the events that were counted; wei of ROS. */
  readonly counted: ReadonlyMap<string, bigint>;
  readonly published: PublishedSums;
}

/** Compares ledger, counted events, outbox and chain to the wei; empty = they agree. Pure. */
export function reconcile({ ledger, counted, published }: StoreSums, chain: ChainSums): Difference[] {
  const countedWei = sum(counted.values());
  const balances = [...chain.payers.values()].map(({ balanceWei }) => balanceWei);
  const lines: Difference[] = [
    { where: 'ledger', expectedWei: 0n, foundWei: ledger.allWei },
    { where: 'escrow', expectedWei: countedWei, foundWei: -ledger.escrowWei },
    ...payerLines(counted, chain),
    { where: 'settled', expectedWei: published.writtenWei, foundWei: ledger.settledWei },
    { where: 'rewards', expectedWei: rewardsOf(published, chain), foundWei: chain.publishedWei },
  ];
  const differences = lines.filter(({ expectedWei, foundWei }) => expectedWei !== foundWei);
  const owedWei = sum(balances);
  if (chain.escrowTokensWei >= owedWei) return differences;
  return [...differences, { where: 'escrow tokens', expectedWei: owedWei, foundWei: chain.escrowTokensWei }];
}

/** A transaction on its way may be there before we know. */
const rewardsOf = ({ doneWei, openWei }: PublishedSums, { publishedWei }: ChainSums): bigint =>
  openWei.includes(publishedWei) ? publishedWei : doneWei;

/** What came in and was not taken out is there, or was collected. */
function payerLines(counted: ReadonlyMap<string, bigint>, { payers }: ChainSums): Difference[] {
  const addresses = new Set([...counted.keys(), ...payers.keys()]);
  return [...addresses].toSorted().map((address) => {
    const { balanceWei, spentWei } = payers.get(address) ?? { balanceWei: 0n, spentWei: 0n };
    return { where: address, expectedWei: counted.get(address) ?? 0n, foundWei: balanceWei + spentWei };
  });
}

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, amount) => total + amount, 0n);
