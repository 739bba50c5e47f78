import { expect } from 'chai';
import type { Posting } from '../../packages/orchestrator/src/billing/ledger-types.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { loadLedger } from '../bench/ledger-load.ts';
import { aCharge, aLedger } from '../support/a-ledger.ts';
import { auditLedger } from '../support/ledger-audit.ts';
import type { OpenLedger } from './ledger.ts';
import { aDeposit } from './ledger-posts.ts';

const ledger = aLedger();
const WRITERS = 50;
const REQUESTS = 200;
/** Only with so many tries do some of them meet. */
const ROUNDS = 20;

type Step = (tx: Store) => Promise<Posting>;

/** Who writes at the same time as others. */
export function describeLedgerConcurrency(open: () => OpenLedger): void {
  const openAll = async () => {
    const { store, place, openAnother } = open();
    const stores = [store];
    while (stores.length < place.maxStores) stores.push(await openAnother());
    return stores;
  };
  /** 'new', 'known' or the code of the error, of each step; each at another store where several can be. */
  const atOnce = async (stores: readonly Store[], steps: readonly Step[]) =>
    Promise.all(
      steps.map((step, index) =>
        (stores[index % stores.length] as Store)
          .transaction()
          .execute(step)
          .then(
            ({ isNew }) => (isNew ? 'new' : 'known'),
            (error: { code: string }) => error.code,
          ),
      ),
    );
  const fund = (amountWei: bigint) =>
    open()
      .store.transaction()
      .execute((tx) => ledger.post(tx, aDeposit(amountWei)));
  const reserve = (requestId: string, amountWei: bigint) => (tx: Store) =>
    ledger.reserve(tx, { requestId, accountId: 'acc_1', amountWei });
  const expectWhole = async () => {
    const { findings, sumWei } = await auditLedger(open().store, ledger);
    expect([findings, sumWei]).to.deep.equal([[], 0n]);
  };

  describe('at the same time', () => {
    it('behaviour: of 40 reservations on a balance for 20, 20 are made', async () => {
      await fund(200n);
      const steps = Array.from({ length: 40 }, (_, index) => reserve(`req_${index}`, 10n));
      const outcomes = await atOnce(await openAll(), steps);

      expect(outcomes.toSorted()).to.deep.equal([
        ...Array.from({ length: 20 }, () => 'QUOTA_BALANCE'),
        ...Array.from({ length: 20 }, () => 'new'),
      ]);
      expect(await ledger.balanceOf(open().store, 'user:acc_1')).to.equal(0n);
      await expectWhole();
    }).timeout(60_000);

    it('behaviour: the same capture twice is done once', async () => {
      await fund(1_000n);
      const stores = await openAll();
      for (let round = 0; round < ROUNDS; round++) {
        const requestId = `req_${round}`;
        await atOnce(stores, [reserve(requestId, 30n)]);
        const charges = [aCharge({ amountWei: 10n })];
        const capture: Step = (tx) => ledger.capture(tx, { requestId, charges });

        const outcomes = await atOnce(stores, [capture, capture]);
        expect(outcomes.toSorted(), requestId).to.deep.equal(['known', 'new']);
      }
      expect(await ledger.balanceOf(open().store, 'worker:peer_1')).to.equal(9n * BigInt(ROUNDS));
      await expectWhole();
    }).timeout(60_000);

    it('behaviour: of two captures with different charges, and of a capture and a release, one counts', async () => {
      await fund(10_000n);
      const stores = await openAll();
      const ended = { captured: 0, released: 0 };
      for (let round = 0; round < ROUNDS; round++) {
        const requestId = `req_${round}`;
        await atOnce(stores, [reserve(requestId, 30n)]);
        const captureOf =
          (amountWei: bigint): Step =>
          (tx) =>
            ledger.capture(tx, { requestId, charges: [aCharge({ amountWei })] });
        const release: Step = (tx) => ledger.release(tx, requestId);
        const steps = [captureOf(10n), captureOf(20n), release, release];
        const order = [...steps.slice(round % 4), ...steps.slice(0, round % 4)];

        const outcomes = await atOnce(stores, order);
        const isReleased = outcomes.includes('known');
        ended[isReleased ? 'released' : 'captured'] += 1;
        const rest = isReleased ? ['known'] : ['BILLING_HOLD_ENDED'];
        expect(outcomes.toSorted(), requestId).to.deep.equal(
          ['BILLING_HOLD_ENDED', 'BILLING_HOLD_ENDED', ...rest, 'new'].toSorted(),
        );
      }
      expect(ended.captured, 'both happened').to.be.greaterThan(0);
      expect(ended.released, 'both happened').to.be.greaterThan(0);
      expect(await ledger.balanceOf(open().store, 'held:acc_1')).to.equal(0n);
      await expectWhole();
    }).timeout(60_000);

    it('behaviour: from 50 writers nothing is lost, doubled or made up', async () => {
      const { done, audit } = await loadLedger({
        stores: await openAll(),
        ledger,
        writers: WRITERS,
        requests: REQUESTS,
        users: 20,
        workers: 5,
        seed: 7,
      });

      expect(audit.findings).to.deep.equal([]);
      expect(audit.sumWei).to.equal(0n);
      expect(done.reserve).to.equal(REQUESTS);
      expect((done.capture ?? 0) + (done.release ?? 0)).to.equal(REQUESTS);
      expect(audit.transfers).to.have.length(20 + 2 * REQUESTS);
    }).timeout(120_000);

    it('behaviour: who reads on from the last id misses no transfer', async () => {
      const stores = await openAll();
      const seen: number[] = [];
      const readOn = async () => {
        const fresh = await ledger.listTransfers(open().store, { after: seen.at(-1) ?? 0, limit: 1_000 });
        seen.push(...fresh.map(({ id }) => id));
      };
      let isPosting = true;
      const posting = atOnce(
        stores,
        Array.from({ length: 60 }, (_, index) => (tx: Store) => {
          return ledger.post(tx, aDeposit(1n, { key: `deposit:${index}` }));
        }),
      ).finally(() => {
        isPosting = false;
      });
      while (isPosting) await readOn();
      expect(new Set(await posting)).to.deep.equal(new Set(['new']));
      await readOn();

      expect(seen).to.have.length(60);
    }).timeout(60_000);
  });
}
