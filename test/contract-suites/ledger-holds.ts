import { expect } from 'chai';
import type { Charge, LedgerAccount } from '../../packages/orchestrator/src/billing/ledger-types.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import { aCharge, aLedger } from '../support/a-ledger.ts';
import { auditLedger } from '../support/ledger-audit.ts';
import type { OpenLedger } from './ledger.ts';
import { aDeposit } from './ledger-posts.ts';

const ledger = aLedger(77);

/** Reserve, capture, release. */
export function describeLedgerHolds(open: () => OpenLedger): void {
  const inTransaction = <T>(work: (tx: OpenLedger['store']) => Promise<T>) =>
    open().store.transaction().execute(work);
  const reserve = (amountWei: bigint, over: { requestId?: string; accountId?: string } = {}) =>
    inTransaction((tx) => ledger.reserve(tx, { requestId: 'req_1', accountId: 'acc_1', amountWei, ...over }));
  const capture = (...charges: Charge[]) =>
    inTransaction((tx) => ledger.capture(tx, { requestId: 'req_1', charges }));
  const release = (requestId = 'req_1') => inTransaction((tx) => ledger.release(tx, requestId));
  const balances = (...accounts: LedgerAccount[]) =>
    Promise.all(accounts.map((account) => ledger.balanceOf(open().store, account)));

  describe('of a request', () => {
    beforeEach(() => inTransaction((tx) => ledger.post(tx, aDeposit(1_000n))));
    afterEach(async () => {
      const { sumWei, findings } = await auditLedger(open().store, ledger);
      expect(findings).to.deep.equal([]);
      expect(sumWei).to.equal(0n);
    });

    it('default: what is reserved pays the charges, and the rest comes back', async () => {
      await reserve(300n);
      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([700n, 300n]);
      const charges = [
        aCharge({ amountWei: 101n }),
        aCharge({ worker: 'peer_2', amountWei: 55n, units: 3 }),
        aCharge({ amountWei: 9n, receiptNonce: 'cd'.repeat(16) }),
      ];

      expect(await capture(...charges)).to.include({ isNew: true });
      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([835n, 0n]);
      expect(await balances('worker:peer_1', 'worker:peer_2')).to.deep.equal([98n, 49n]);
      expect(await balances('platform', 'carry')).to.deep.equal([15n, 3n]);
      const [, , last] = await ledger.listTransfers(open().store, { limit: 9 });
      expect(last).to.deep.include({ kind: 'capture', at: 77, ref: 'req_1', charges });
    });

    it('behaviour: a request that failed costs nothing', async () => {
      await reserve(300n);
      await release();

      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([1_000n, 0n]);
    });

    it('behaviour: captured without charges, all comes back; a charge of all leaves nothing', async () => {
      await reserve(300n);
      await capture();
      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([1_000n, 0n]);

      await reserve(1_000n, { requestId: 'req_2' });
      const charges = [aCharge({ amountWei: 1_000n })];
      await inTransaction((tx) => ledger.capture(tx, { requestId: 'req_2', charges }));
      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([0n, 0n]);
    });

    it('behaviour: each step done twice is done once', async () => {
      await reserve(300n);
      expect(await reserve(300n)).to.include({ isNew: false });
      const { id } = await capture(aCharge({ amountWei: 100n }));
      expect(await capture(aCharge({ amountWei: 100n }))).to.deep.equal({ id, isNew: false });
      expect(await reserve(300n)).to.include({ isNew: false });
      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([900n, 0n]);

      await reserve(50n, { requestId: 'req_2' });
      await release('req_2');
      expect(await release('req_2')).to.include({ isNew: false });
      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([900n, 0n]);
    });

    it('behaviour: what is held for one request is not given to another', async () => {
      await reserve(300n);
      await reserve(200n, { requestId: 'req_2' });

      await expectError(capture(aCharge({ amountWei: 301n })), 'BILLING_HOLD_EXCEEDED');
      await capture(aCharge({ amountWei: 300n }));
      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([500n, 200n]);
    });

    it('error QUOTA_BALANCE: more than there is cannot be reserved; details say how much is missing', async () => {
      await reserve(600n);
      const { details } = await expectError(reserve(500n, { requestId: 'req_2' }), 'QUOTA_BALANCE');

      expect(details).to.deep.equal({ account: 'user:acc_1', missingWei: '100' });
      await expectError(reserve(1n, { requestId: 'req_3', accountId: 'acc_2' }), 'QUOTA_BALANCE');
      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([400n, 600n]);
    });

    it('error CONFLICT_LEDGER_KEY: one request reserves one amount of one account', async () => {
      await reserve(300n);

      await expectError(reserve(301n), 'CONFLICT_LEDGER_KEY');
      await expectError(reserve(0n, { accountId: 'acc_2' }), 'CONFLICT_LEDGER_KEY');
      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([700n, 300n]);
    });

    it('error NOT_FOUND_HOLD: nothing was reserved', async () => {
      await expectError(capture(aCharge({ amountWei: 0n })), 'NOT_FOUND_HOLD');
      await expectError(release(), 'NOT_FOUND_HOLD');
    });

    it('error BILLING_HOLD_EXCEEDED: charges of more than was reserved', async () => {
      await reserve(300n);
      const charges = [aCharge({ amountWei: 200n }), aCharge({ worker: 'peer_2', amountWei: 101n })];

      const { details } = await expectError(capture(...charges), 'BILLING_HOLD_EXCEEDED');
      expect(details).to.deep.equal({ heldWei: '300', chargedWei: '301' });
      expect(await balances('user:acc_1', 'held:acc_1', 'worker:peer_1')).to.deep.equal([700n, 300n, 0n]);
    });

    it('error BILLING_HOLD_ENDED: captured for other charges, captured after release, released after capture', async () => {
      await reserve(300n);
      await capture(aCharge({ amountWei: 100n }));
      await expectError(capture(aCharge({ amountWei: 99n })), 'BILLING_HOLD_ENDED');
      await expectError(release(), 'BILLING_HOLD_ENDED');

      await reserve(50n, { requestId: 'req_2' });
      await release('req_2');
      for (const charges of [[], [aCharge({ amountWei: 1n })]]) {
        const late = inTransaction((tx) => ledger.capture(tx, { requestId: 'req_2', charges }));
        expect((await expectError(late, 'BILLING_HOLD_ENDED')).details).to.include({ kind: 'release' });
      }
      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([900n, 0n]);
    });

    it('error BUG_UNEXPECTED: amounts below zero', async () => {
      await expectError(reserve(-1n), 'BUG_UNEXPECTED');
      await reserve(300n);
      const charges = [aCharge({ amountWei: -5n }), aCharge({ worker: 'peer_2', amountWei: 10n })];
      await expectError(capture(...charges), 'BUG_UNEXPECTED');

      expect(await balances('user:acc_1', 'held:acc_1')).to.deep.equal([700n, 300n]);
    });
  });
}
