import { splitTenth } from '../support/a-ledger.ts';

/** What can be done to a ledger; users, workers, requests and keys by number. */
export type LedgerStep =
  | { readonly kind: 'deposit'; readonly key: number; readonly user: number; readonly amountWei: bigint }
  | { readonly kind: 'settle'; readonly key: number; readonly worker: number; readonly amountWei: bigint }
  | { readonly kind: 'reserve'; readonly request: number; readonly user: number; readonly amountWei: bigint }
  | {
      readonly kind: 'capture';
      readonly request: number;
      readonly charges: readonly { readonly worker: number; readonly amountWei: bigint }[];
    }
  | { readonly kind: 'release'; readonly request: number };

export interface LedgerModel {
  /** 'new', 'known' or the code of the error. */
  apply(step: LedgerStep): string;
  /** Of users, workers and what is held: `user:1`. */
  balances(): ReadonlyMap<string, bigint>;
}

interface HoldModel {
  readonly user: number;
  readonly amountWei: bigint;
  /** How it ended. */
  end?: string;
}

/** The ledger in a few maps, sure to be right as long as one thing happens after another. */
export function createLedgerModel(): LedgerModel {
  const balances = new Map<string, bigint>();
  const keys = new Map<string, string>();
  const holds = new Map<number, HoldModel>();
  const balance = (account: string) => balances.get(account) ?? 0n;
  const give = (account: string, wei: bigint) => balances.set(account, balance(account) + wei);

  function applyOnce(key: string, what: string, account: string, wei: bigint): string {
    const known = keys.get(key);
    if (known !== undefined) return known === what ? 'known' : 'CONFLICT_LEDGER_KEY';
    if (balance(account) + wei < 0n) return 'QUOTA_BALANCE';
    keys.set(key, what);
    give(account, wei);
    return 'new';
  }

  function end(request: number, how: string, charges: readonly { worker: number; amountWei: bigint }[]) {
    const hold = holds.get(request);
    if (hold === undefined) return 'NOT_FOUND_HOLD';
    const charged = charges.reduce((sum, { amountWei }) => sum + amountWei, 0n);
    if (charged > hold.amountWei) return 'BILLING_HOLD_EXCEEDED';
    if (hold.end !== undefined) return hold.end === how ? 'known' : 'BILLING_HOLD_ENDED';
    hold.end = how;
    give(`held:${hold.user}`, -hold.amountWei);
    give(`user:${hold.user}`, hold.amountWei - charged);
    for (const { worker, amountWei } of charges) give(`worker:${worker}`, splitTenth(amountWei).workerWei);
    return 'new';
  }

  return {
    balances: () => balances,
    apply(step) {
      switch (step.kind) {
        case 'deposit': {
          const account = `user:${step.user}`;
          return applyOnce(`deposit:${step.key}`, `${account} ${step.amountWei}`, account, step.amountWei);
        }
        case 'settle': {
          const account = `worker:${step.worker}`;
          return applyOnce(`settle:${step.key}`, `${account} ${step.amountWei}`, account, -step.amountWei);
        }
        case 'reserve': {
          const { request, user, amountWei } = step;
          const known = holds.get(request);
          if (known !== undefined)
            return known.user === user && known.amountWei === amountWei ? 'known' : 'CONFLICT_LEDGER_KEY';
          if (balance(`user:${user}`) < amountWei) return 'QUOTA_BALANCE';
          holds.set(request, { user, amountWei });
          give(`user:${user}`, -amountWei);
          give(`held:${user}`, amountWei);
          return 'new';
        }
        case 'capture':
          return end(step.request, describe(step.charges), step.charges);
        case 'release':
          return end(step.request, 'release', []);
      }
    },
  };
}

/** The same for charges that pay the same to the same. */
function describe(charges: readonly { worker: number; amountWei: bigint }[]): string {
  const totals = new Map<string, bigint>();
  for (const { worker, amountWei } of charges) {
    const { workerWei, platformWei, carriedWei } = splitTenth(amountWei);
    for (const [account, wei] of [
      [`worker ${worker}`, workerWei],
      ['platform', platformWei],
      ['carried', carriedWei],
    ] as const) {
      totals.set(account, (totals.get(account) ?? 0n) + wei);
    }
  }
  return JSON.stringify([...totals].map(([account, wei]) => `${account} ${wei}`).toSorted());
}
