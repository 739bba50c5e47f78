import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createSeededRandom } from '../kill/seeded-random.ts';
import { aCharge, aLedger } from '../support/a-ledger.ts';
import { auditLedger } from '../support/ledger-audit.ts';
import { startProcess } from '../support/line-process.ts';
import { until } from '../support/until.ts';
import type { OpenLedger } from './ledger.ts';
import { aDeposit } from './ledger-posts.ts';

const ledger = aLedger();
const WRITER = fileURLToPath(new URL('./ledger-writer.ts', import.meta.url));
const NODE = { NODE_OPTIONS: '--conditions=@rios/source --disable-warning=ExperimentalWarning' };
const KILLS = 4;

/** Processes that die while they write. */
export function describeLedgerKills(open: () => OpenLedger): void {
  const startWriter = (prefix: string, ...mode: string[]) =>
    startProcess(WRITER, [JSON.stringify(open().place.options), prefix, ...mode], { env: NODE });
  const keysNow = async () => (await auditLedger(open().store, ledger)).transfers.map(({ key }) => key);
  const fund = () =>
    open()
      .store.transaction()
      .execute((tx) => ledger.post(tx, aDeposit(10n ** 9n)));

  describe('killed', () => {
    it('behaviour: in mid-transaction, nothing of it is there, and the next goes on', async () => {
      await fund();
      const writer = startWriter('req_1', 'stand still');
      await writer.waitFor('inside');
      await writer.kill('SIGKILL');

      expect(await keysNow()).to.deep.equal(['deposit:1']);
      const { isNew } = await open()
        .store.transaction()
        .execute((tx) => ledger.reserve(tx, { requestId: 'req_1', accountId: 'acc_1', amountWei: 3n }));
      expect(isNew).to.equal(true);
    }).timeout(60_000);

    it('behaviour: at any time, what was answered is there once, and the sum is zero', async () => {
      await fund();
      const random = createSeededRandom(90);
      const answered: string[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const writer = startWriter(`req${kill}`);
        const enough = random.between(10, 60);
        await until('it has written', async () => writer.events.length > enough);
        await writer.kill('SIGKILL');
        answered.push(...writer.events.map(({ key }) => String(key)));
        const { findings, sumWei } = await auditLedger(open().store, ledger);
        expect([findings, sumWei], `kill ${kill}`).to.deep.equal([[], 0n]);
      }

      const keys = await keysNow();
      expect(keys).to.include.members(answered);
      const unended = keys.filter((key) => key.endsWith(':reserve') && !keys.includes(endOf(key)));
      for (const key of unended) {
        const requestId = key.slice(0, -':reserve'.length);
        await open()
          .store.transaction()
          .execute((tx) => ledger.capture(tx, { requestId, charges: [aCharge({ amountWei: 10n })] }));
      }
      const requests = BigInt(keys.filter((key) => key.endsWith(':reserve')).length);
      expect(await ledger.balanceOf(open().store, 'held:acc_1')).to.equal(0n);
      expect(await ledger.balanceOf(open().store, 'user:acc_1')).to.equal(10n ** 9n - 10n * requests);
      expect(await ledger.balanceOf(open().store, 'worker:peer_1')).to.equal(9n * requests);
    }).timeout(120_000);
  });
}

const endOf = (reserveKey: string) => reserveKey.replace(/reserve$/, 'end');
