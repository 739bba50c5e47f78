import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { createIndexer } from '../../packages/orchestrator/src/settlement/indexer.ts';
import { writeIntent } from '../../packages/orchestrator/src/settlement/outbox.ts';
import { createIntentSender } from '../../packages/orchestrator/src/settlement/send-intents.ts';
import type { SenderModules } from '../../packages/orchestrator/src/settlement/sender.ts';
import { seizeLease } from '../../packages/orchestrator/src/store/leases.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { createManualClock } from '../../packages/orchestrator/test/support/manual-clock.ts';
import { createPayer, type Payer } from '../support/payer.ts';
import { act, books, stepAll } from '../support/settlement.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';

const ROS = 10n ** 18n;
const INTENTS = 8;

/** What several orchestrators of one store do on a real chain at the same time. */
export function describeSending(store: () => Store): void {
  describe('on a chain', () => {
    let world: TestChain;
    let payer: Payer;
    before(async () => {
      world = await startTestChain();
    });
    after(() => world.stop());
    beforeEach(async () => {
      payer = await createPayer(world);
    });
    afterEach(() => payer.stop());

    const open = (holder: string, onPoint: SenderModules['onPoint'] = () => {}) =>
      createIntentSender(
        { holder, maxFeePerGas: 10n ** 11n, gasBudgetWei: ROS },
        {
          store: store(),
          clock: createManualClock(),
          log: silentLog,
          chain: payer.chain,
          contracts: world.contracts,
          signer: payer.wallet,
          onPoint,
        },
      );
    const write = (key: string) => {
      const call = world.contracts.token.transfer(payer.treasury, ROS);
      const base = { chainId: world.chain.chainId, signer: payer.wallet.address };
      return store()
        .transaction()
        .execute((tx) => writeIntent(tx, { ...base, key, call, goal: { kind: 'call' } }, 0));
    };

    it('behaviour: one that waits for the other’s lease sends nothing', async () => {
      await write('a');
      await (await open('one')).step();

      expect((await (await open('two')).step()).kind).to.equal('not-held');
      expect(await payer.nonce()).to.equal(1);
    });

    it('behaviour: the lease is taken over while one signs: it sends nothing, and the other all', async () => {
      await write('a');
      const name = `send:${world.chain.chainId}:${payer.wallet.address}`;
      const onPoint = async (point: string) => {
        if (point === 'signed') await seizeLease(store(), name, 'two', 60_000);
      };

      expect((await (await open('one', onPoint)).step()).kind).to.equal('not-held');
      expect(payer.rpc.raws).to.deep.equal([]);
      expect(await stepAll(await open('two'))).to.deep.equal(['sent', 'done']);
      expect(await payer.nonce()).to.equal(1);
    });

    it('behaviour: two that hold one lease under one name: neither sends what the other sends', async () => {
      for (let index = 0; index < INTENTS; index++) await write(`intent ${index}`);
      const run = async () => {
        const sender = await open('one');
        for (let step = 0; step < 4 * INTENTS; step++) await sender.step().catch(() => {});
      };
      await Promise.all([run(), run(), run()]);
      await stepAll(await open('one'));

      expect(await payer.nonce(), 'one transaction each').to.equal(INTENTS);
      expect(await payer.balance(), 'paid once each').to.equal((10n - BigInt(INTENTS)) * ROS);
    });

    it('behaviour: two that read deposits at the same time credit each once', async () => {
      const { token, escrow } = world.contracts;
      const fromBlock = await world.chain.provider.getBlockNumber();
      await act(world.chain, payer.wallet, token.approve(escrow.address, 10n * ROS));
      for (let count = 0; count < 4; count++) {
        await act(world.chain, payer.wallet, escrow.deposit(payer.wallet.address, ROS));
      }
      const onDeposit = (tx: Store, event: Parameters<typeof books.post>[1]) => books.post(tx, event, 1n);
      const never = async () => expect.fail('nothing left the chain');
      const callbacks = { onDeposit, onWithdrawal: never, onReversed: never };
      const modules = { store: store(), chain: payer.chain, log: silentLog, ...callbacks };
      const readers = [2, 3].map((pageBlocks) =>
        createIndexer({ escrow: escrow.address, fromBlock, pageBlocks }, modules),
      );
      await Promise.all(readers.map((reader) => stepAll(reader)));

      expect(await books.balance(store())).to.equal(4n * ROS);
      expect(await books.posted(store())).to.have.length(4);
    });
  });
}
