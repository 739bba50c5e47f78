import { expect } from 'chai';
import type { LedgerEntry, Transfer } from '../../packages/orchestrator/src/billing/ledger-types.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import { aLedger } from '../support/a-ledger.ts';
import { auditLedger } from '../support/ledger-audit.ts';
import type { OpenLedger } from './ledger.ts';

const ledger = aLedger();

export const aDeposit = (amountWei: bigint, over: Partial<Transfer> = {}): Transfer => ({
  key: 'deposit:1',
  kind: 'deposit',
  at: 5,
  ref: '0xabc',
  entries: [
    { account: 'user:acc_1', amountWei },
    { account: 'escrow', amountWei: -amountWei },
  ],
  ...over,
});

/** Transfers, balances, and the list of them. */
export function describeLedgerPosts(open: () => OpenLedger): void {
  const post = (transfer: Transfer) =>
    open()
      .store.transaction()
      .execute((tx) => ledger.post(tx, transfer));
  const balance = (account: LedgerEntry['account']) => ledger.balanceOf(open().store, account);

  it('default: a transfer moves money, and is listed as it was posted', async () => {
    expect(await post(aDeposit(70n))).to.deep.equal({ id: 1, isNew: true });

    expect(await balance('user:acc_1')).to.equal(70n);
    expect(await balance('escrow')).to.equal(-70n);
    expect(await balance('worker:nobody')).to.equal(0n);
    const sorted = [...aDeposit(70n).entries].reverse();
    expect(await ledger.listTransfers(open().store, { limit: 9 })).to.deep.equal([
      { ...aDeposit(70n), id: 1, entries: sorted, charges: [] },
    ]);
  });

  it('behaviour: amounts of any size are kept to the wei, above and below zero', async () => {
    const amounts = [1n, 10n ** 15n, 10n ** 15n - 1n, 10n ** 18n + 1n, 2n ** 63n, 10n ** 30n - 1n, 999n];
    let total = 0n;
    for (const [index, amountWei] of amounts.entries()) {
      await post(aDeposit(amountWei, { key: `in:${index}` }));
      total += amountWei;
      expect(await balance('user:acc_1'), `in ${index}`).to.equal(total);
      expect(await balance('escrow'), `in ${index}`).to.equal(-total);
    }
    for (const [index, amountWei] of amounts.entries()) {
      await post(aDeposit(-amountWei, { key: `out:${index}` }));
      total -= amountWei;
      expect(await balance('user:acc_1'), `out ${index}`).to.equal(total);
      expect(await balance('escrow'), `out ${index}`).to.equal(-total);
    }
    expect(total).to.equal(0n);
    expect((await auditLedger(open().store, ledger)).findings).to.deep.equal([]);
  });

  it('behaviour: the same key with the same entries is done already; their order says nothing', async () => {
    await post(aDeposit(70n));
    const again = aDeposit(70n, { at: 99, entries: [...aDeposit(70n).entries].reverse() });

    expect(await post(again)).to.deep.equal({ id: 1, isNew: false });
    expect(await balance('user:acc_1')).to.equal(70n);
  });

  it('error CONFLICT_LEDGER_KEY: the same key for other entries, or for another kind', async () => {
    await post(aDeposit(70n));

    await expectError(post(aDeposit(71n)), 'CONFLICT_LEDGER_KEY');
    await expectError(post(aDeposit(70n, { kind: 'gift' })), 'CONFLICT_LEDGER_KEY');
    expect(await balance('user:acc_1')).to.equal(70n);
  });

  it('error QUOTA_BALANCE: users, what is held and workers never fall below zero; details say by how much', async () => {
    await post(aDeposit(10n ** 20n));
    for (const account of ['user:acc_1', 'held:acc_1', 'worker:peer_1'] as const) {
      const amountWei = 2n * 10n ** 20n + 7n;
      const entries = [
        { account, amountWei: -amountWei },
        { account: 'platform', amountWei },
      ] as const;
      const { details } = await expectError(post(aDeposit(0n, { key: 'take', entries })), 'QUOTA_BALANCE');
      const missingWei = String(account === 'user:acc_1' ? 10n ** 20n + 7n : amountWei);
      expect(details).to.deep.equal({ account, missingWei });
    }
    expect(await balance('platform')).to.equal(0n);
    expect((await auditLedger(open().store, ledger)).transfers).to.have.length(1);
  });

  it('behaviour: all of it can be taken, to the last wei', async () => {
    await post(aDeposit(10n ** 15n));
    await post(aDeposit(-(10n ** 15n), { key: 'out' }));

    expect(await balance('user:acc_1')).to.equal(0n);
    const one = await expectError(post(aDeposit(-1n, { key: 'more' })), 'QUOTA_BALANCE');
    expect(one.details).to.include({ missingWei: '1' });
  });

  it('error BUG_UNEXPECTED: a transfer that is not balanced, has an account twice, or one that is none', async () => {
    const bad: LedgerEntry[][] = [
      [{ account: 'escrow', amountWei: 1n }],
      [
        { account: 'escrow', amountWei: 10n ** 15n },
        { account: 'user:a', amountWei: -1n },
      ],
      [
        { account: 'escrow', amountWei: -(10n ** 30n) },
        { account: 'user:a', amountWei: 10n ** 30n },
      ],
      [
        { account: 'escrow', amountWei: -1n },
        { account: 'user:', amountWei: 1n },
      ],
      [
        { account: 'escrow', amountWei: -1n },
        { account: "user:a'--", amountWei: 1n },
      ],
    ];
    for (const entries of bad) await expectError(post(aDeposit(0n, { entries })), 'BUG_UNEXPECTED');
    const twice = [1n, -1n].map((amountWei) => ({ account: 'escrow' as const, amountWei }));
    expect(await post(aDeposit(0n, { entries: twice })).catch(() => 'refused')).to.equal('refused');
    expect((await auditLedger(open().store, ledger)).transfers).to.deep.equal([]);
  });

  it('behaviour: a transaction that fails later leaves no transfer', async () => {
    const failing = open()
      .store.transaction()
      .execute(async (tx) => {
        await ledger.post(tx, aDeposit(5n));
        throw new Error('no');
      });

    expect(await failing.catch((error: Error) => error.message)).to.equal('no');
    expect(await balance('user:acc_1')).to.equal(0n);
    expect(await post(aDeposit(5n))).to.include({ isNew: true });
  });

  it('behaviour: the list goes on after an id, and can be of one account', async () => {
    for (let index = 1; index <= 5; index++) {
      const entries: LedgerEntry[] = [
        { account: 'escrow', amountWei: -1n },
        { account: `user:acc_${index % 2}`, amountWei: 1n },
      ];
      await post(aDeposit(0n, { key: `deposit:${index}`, entries }));
    }
    const keys = async (page: Parameters<typeof ledger.listTransfers>[1]) =>
      (await ledger.listTransfers(open().store, page)).map(({ key }) => key);

    expect(await keys({ limit: 2 })).to.deep.equal(['deposit:1', 'deposit:2']);
    const [, second] = await ledger.listTransfers(open().store, { limit: 2 });
    expect(await keys({ limit: 2, after: second?.id ?? 0 })).to.deep.equal(['deposit:3', 'deposit:4']);
    expect(await keys({ limit: 9, account: 'user:acc_1' })).to.deep.equal([
      'deposit:1',
      'deposit:3',
      'deposit:5',
    ]);
    expect(await keys({ limit: 1, account: 'user:acc_1', after: second?.id ?? 0 })).to.deep.equal([
      'deposit:3',
    ]);
  });

  it('behaviour: an account of the network that every transfer touches adds up', async () => {
    for (let index = 0; index < 130; index++) await post(aDeposit(3n, { key: `deposit:${index}` }));

    expect(await balance('escrow')).to.equal(-390n);
    expect((await auditLedger(open().store, ledger)).findings).to.deep.equal([]);
  });
}
