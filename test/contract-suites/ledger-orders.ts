import { hasCode } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Posting } from '../../packages/orchestrator/src/billing/ledger-types.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { aCharge, aLedger } from '../support/a-ledger.ts';
import { auditLedger } from '../support/ledger-audit.ts';
import type { OpenLedger } from './ledger.ts';
import { createLedgerModel, type LedgerStep } from './ledger-model.ts';

const ledger = aLedger();
const RUNS = 40;

const small = (most: number) => fc.nat({ max: most });
/** Mostly amounts that fit together; some around a limb of SQLite's sums, some as large as any. */
const amount = (most: bigint) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: most }) },
    { weight: 1, arbitrary: fc.bigInt({ min: 10n ** 15n - 3n, max: 10n ** 15n + 3n }) },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 10n ** 27n }) },
  );
const step: fc.Arbitrary<LedgerStep> = fc.oneof(
  fc.record({ kind: fc.constant('deposit'), key: small(9), user: small(1), amountWei: amount(1_000n) }),
  fc.record({ kind: fc.constant('reserve'), request: small(4), user: small(1), amountWei: amount(100n) }),
  fc.record({
    kind: fc.constant('capture'),
    request: small(4),
    charges: fc.array(fc.record({ worker: small(1), amountWei: amount(40n) }), { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('release'), request: small(4) }),
  fc.record({ kind: fc.constant('settle'), key: small(9), worker: small(1), amountWei: amount(20n) }),
);
const steps = fc.array(step, { minLength: 10, maxLength: 40, size: 'max' });

/** Any steps in any order, against a model that knows nothing of the store. */
export function describeLedgerOrders(open: () => OpenLedger): void {
  it('behaviour: whatever is done in whatever order, answers and balances are those of the model', async () => {
    let run = 0;
    const seen = new Set<string>();
    const property = fc.asyncProperty(steps, async (order) => {
      const prefix = `r${run++}-`;
      const model = createLedgerModel();
      for (const [index, one] of order.entries()) {
        const expected = model.apply(one);
        seen.add(`${one.kind} ${expected}`);
        expect(await carryOut(open().store, prefix, one), `${index}: ${one.kind}`).to.equal(expected);
      }
      for (const [name, balanceWei] of model.balances()) {
        const account = name.replace(':', `:${prefix}`) as `user:${string}`;
        expect(await ledger.balanceOf(open().store, account), name).to.equal(balanceWei);
      }
    });
    await fc.assert(property, { numRuns: RUNS, seed: 90, endOnFailure: true });

    const { findings, sumWei } = await auditLedger(open().store, ledger);
    expect([findings, sumWei]).to.deep.equal([[], 0n]);
    expect([...seen], 'what the property met').to.include.members([
      'deposit new',
      'reserve QUOTA_BALANCE',
      'capture new',
      'capture BILLING_HOLD_ENDED',
      'capture BILLING_HOLD_EXCEEDED',
      'release new',
      'release NOT_FOUND_HOLD',
      'release known',
      'settle new',
      'settle QUOTA_BALANCE',
    ]);
  }).timeout(120_000);
}

async function carryOut(store: Store, prefix: string, step: LedgerStep): Promise<string> {
  try {
    const { isNew } = await store.transaction().execute((tx) => call(tx, prefix, step));
    return isNew ? 'new' : 'known';
  } catch (error) {
    if (hasCode(error)) return error.code;
    throw error;
  }
}

function call(tx: Store, prefix: string, step: LedgerStep): Promise<Posting> {
  switch (step.kind) {
    case 'deposit':
    case 'settle': {
      const { kind, amountWei } = step;
      const key = `${prefix}${kind}:${step.key}`;
      const entries =
        kind === 'deposit'
          ? ([
              { account: `user:${prefix}${step.user}`, amountWei },
              { account: 'escrow', amountWei: -amountWei },
            ] as const)
          : ([
              { account: `worker:${prefix}${step.worker}`, amountWei: -amountWei },
              { account: 'settled', amountWei },
            ] as const);
      return ledger.post(tx, { key, kind, at: 1, ref: key, entries });
    }
    case 'reserve': {
      const { request, user, amountWei } = step;
      return ledger.reserve(tx, {
        requestId: `${prefix}${request}`,
        accountId: `${prefix}${user}`,
        amountWei,
      });
    }
    case 'capture': {
      const charges = step.charges.map(({ worker, amountWei }) =>
        aCharge({ worker: `${prefix}${worker}`, amountWei }),
      );
      return ledger.capture(tx, { requestId: `${prefix}${step.request}`, charges });
    }
    case 'release':
      return ledger.release(tx, `${prefix}${step.request}`);
  }
}
