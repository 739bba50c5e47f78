import { openContracts } from '@rios/sdk/chain/contracts';
import type { Log } from '@rios/sdk/log';
import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { createIndexer, type Indexer } from '../../packages/orchestrator/src/settlement/indexer.ts';
import { checkPublishing } from '../../packages/orchestrator/src/settlement/publishing-stop.ts';
import { createReconciler, type Reconciler } from '../../packages/orchestrator/src/settlement/reconciler.ts';
import { listEvents } from '../../packages/orchestrator/src/store/events.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { createManualClock } from '../../packages/orchestrator/test/support/manual-clock.ts';
import { failureOf } from '../support/failure-of.ts';
import { createPayer, type Payer } from '../support/payer.ts';
import { act, books, stepAll } from '../support/settlement.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';

const ROS = 10n ** 18n;

describe('reconciler', () => {
  let world: TestChain;
  let payer: Payer;
  let store: Store;
  let indexer: Indexer;
  let reconciler: Reconciler;
  let errors: string[];
  /** What the ledger has too much. */
  let extraWei: bigint;
  before(async () => {
    world = await startTestChain();
  });
  after(() => world.stop());
  beforeEach(async () => {
    store = await createStore({ file: ':memory:' });
    payer = await createPayer(world);
    errors = [];
    extraWei = 0n;
    const { token, escrow } = world.contracts;
    const fromBlock = await world.chain.provider.getBlockNumber();
    const log: Log = { ...silentLog, error: (message) => errors.push(message) };
    const callbacks = {
      onDeposit: (tx: Store, event: Parameters<typeof books.post>[1]) => books.post(tx, event, 1n),
      onWithdrawal: async () => {},
      onReversed: async () => {},
    };
    const { chain } = payer;
    indexer = createIndexer({ escrow: escrow.address, fromBlock }, { store, chain, log, ...callbacks });
    const readLedger = async (tx: Store) => {
      const escrowWei = -((await books.balance(tx)) + extraWei);
      return { allWei: 0n, escrowWei, settledWei: 0n };
    };
    const contracts = await openContracts(chain, world.addresses);
    const { scope } = indexer;
    reconciler = createReconciler({ store, clock: createManualClock(), log, contracts, scope, readLedger });
    await act(world.chain, payer.wallet, token.approve(escrow.address, 10n * ROS));
    await act(world.chain, payer.wallet, escrow.deposit(payer.wallet.address, 3n * ROS));
  });
  afterEach(async () => {
    await payer.stop();
    await store.destroy();
  });
  const kinds = async () => (await listEvents(store, 10)).map(({ kind }) => kind);

  it('default: after all was read, ledger and chain agree and publishing goes on', async () => {
    await stepAll(indexer);

    expect(await reconciler.run()).to.deep.equal([]);
    await checkPublishing(store);
    expect(await kinds()).to.deep.equal([]);
  });

  it('error SETTLEMENT_UNBALANCED: 1 wei too much in the ledger: publishing stops, says where, and goes on when it is gone', async () => {
    await stepAll(indexer);
    extraWei = 1n;
    const [difference] = await reconciler.run();
    await reconciler.run();

    expect(difference).to.deep.equal({ where: 'escrow', expectedWei: 3n * ROS, foundWei: 3n * ROS + 1n });
    const error = await failureOf(checkPublishing(store));
    expect(error.code).to.equal('SETTLEMENT_UNBALANCED');
    expect(error.message).to.include('escrow');
    expect(await kinds(), 'told once').to.deep.equal(['settlement.stopped']);
    expect(errors).to.have.length(1);
    extraWei = 0n;
    expect(await reconciler.run()).to.deep.equal([]);
    await checkPublishing(store);
    expect(await kinds()).to.deep.equal(['settlement.resumed', 'settlement.stopped']);
  });

  it('error SETTLEMENT_UNBALANCED: 1 wei less on the chain than was counted: it names the payer', async () => {
    await stepAll(indexer);
    await store
      .updateTable('chain_events')
      .set({ amount_wei: String(3n * ROS + 1n) })
      .execute();
    extraWei = 1n;

    expect(await reconciler.run()).to.deep.equal([
      { where: payer.wallet.address, expectedWei: 3n * ROS + 1n, foundWei: 3n * ROS },
    ]);
    expect((await failureOf(checkPublishing(store))).message).to.include(payer.wallet.address);
  });

  it('behaviour: a deposit that is not counted yet is no difference', async () => {
    await stepAll(indexer);
    const { escrow } = world.contracts;
    await act(world.chain, payer.wallet, escrow.deposit(payer.wallet.address, ROS));

    expect(await reconciler.run()).to.deep.equal([]);
  });

  it('error CHAIN_UNREACHABLE: the chain cannot be asked: nothing is stopped, and a stop stays', async () => {
    await stepAll(indexer);
    extraWei = 1n;
    await reconciler.run();
    extraWei = 0n;
    payer.rpc.setRule(() => 'cut');
    const error = await failureOf(reconciler.run());

    expect(error.code).to.equal('CHAIN_UNREACHABLE');
    expect((await failureOf(checkPublishing(store))).code).to.equal('SETTLEMENT_UNBALANCED');
  });
});
