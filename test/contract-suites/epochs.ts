import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { writeStop } from '../../packages/orchestrator/src/settlement/publishing-stop.ts';
import { runEpochBuild } from '../../packages/orchestrator/src/settlement/run-epoch-build.ts';
import { sumPublished } from '../../packages/orchestrator/src/settlement/sum-published.ts';
import { listEvents } from '../../packages/orchestrator/src/store/events.ts';
import { payoutOf, workerOf } from '../../packages/sdk/test/settlement/support/range.ts';
import { failureOf } from '../support/failure-of.ts';
import { auditLedger } from '../support/ledger-audit.ts';
import { createEpochWorld, type EpochWorld, type OpenedStore } from './epoch-world.ts';

const BY = 'acc_operator01';
const HOUR = 3_600_000;

/** Epochs from charges to the chain, computed by processes of their own on the store that is given. */
export function describeEpochs(open: () => Promise<OpenedStore>): void {
  let world: EpochWorld;
  let at: number;
  beforeEach(async () => {
    world = await createEpochWorld(open);
    at = world.clock.now();
    for (const worker of [0, 1, 2]) await world.work.join(worker, payoutOf(worker));
  });
  afterEach(() => world.close());

  const linesOf = async (epoch: number | null) => {
    const all = world.store.selectFrom('bill_lines').select('worker');
    return (await all.where('epoch', epoch === null ? 'is' : '=', epoch).execute()).length;
  };
  const ledgerOf = async () => {
    const { findings, sumWei, balances } = await auditLedger(world.store, world.work.ledger);
    expect({ findings, sumWei }).to.deep.equal({ findings: [], sumWei: 0n });
    return balances;
  };
  const eventsOf = async () =>
    (await listEvents(world.store, 20)).map(({ kind }) => kind).filter((kind) => kind.startsWith('epoch.'));
  const stepOf = async (epochs = world.create()) => (await epochs.step(world.target)).kind;

  it('default: charges are settled, published, audited equal, and each worker’s claim pays to the wei', async () => {
    const epochs = world.create();
    await world.work.serve('a', [0, 1], { at });
    await world.work.serve('b', [1], { at: at + 1, payer: 'acc_payer00001', units: 77_777 });
    await epochs.step(world.target);
    const closed = await epochs.closeNow(BY);
    expect(closed).to.include({ epoch: 1, state: 'closing', from: at, to: at + 1, facts: null });
    expect(await stepOf(epochs)).to.equal('built');
    expect((await epochs.show(1)).state).to.equal('built');
    await world.send();

    const view = await epochs.show(1);
    expect(view).to.deep.include({ state: 'published', error: null, feeBps: 1_000 });
    expect(view.facts).to.include({ payees: 2, receipts: 3 });
    const { equal, findings } = await world.audit(epochs, 1);
    expect({ equal, findings }).to.deep.equal({ equal: true, findings: [] });
    await world.activate();
    const balances = await ledgerOf();
    for (const worker of [0, 1]) {
      const claimed = await world.claim(epochs, payoutOf(worker));
      expect(await world.balanceOf(payoutOf(worker)), `worker ${worker}`).to.equal(claimed);
      expect(balances.get(`worker:${workerOf(worker).peerId}`)).to.equal(0n);
    }
    expect(balances.get('settled')).to.equal(BigInt(view.facts?.totalWei ?? 0));
    expect(await failureOf(epochs.proofOf(payoutOf(2)))).to.include({ code: 'NOT_FOUND_REWARDS' });
    expect(await eventsOf()).to.have.members(['epoch.closed', 'epoch.built']);
  });

  it('behaviour: a second epoch adds to the first; nothing is settled twice; the file names no account', async () => {
    const epochs = world.create();
    await world.work.serve('a', [0, 1], { at });
    await epochs.step(world.target);
    await world.settle(epochs);
    await world.activate();
    await world.work.serve('b', [1, 2], { at: at + 5 });
    await epochs.step(world.target);
    expect(await world.settle(epochs)).to.equal(2);

    for (const epoch of [1, 2])
      expect((await world.audit(epochs, epoch)).findings, `${epoch}`).to.deep.equal([]);
    const { open: read, sizeBytes, etag } = await epochs.receipts(2);
    const file = await text(read(0, sizeBytes));
    expect(file).not.to.match(/acc_/);
    expect(etag).to.equal((await epochs.show(2)).facts?.sha256);
    expect(await text(read(10, 20))).to.equal(file.slice(10, 20));
    const { claims } = await epochs.proofOf(payoutOf(1));
    expect(claims.map(({ epoch }) => epoch)).to.deep.equal([2, 1]);
    expect(await failureOf(epochs.closeNow(BY))).to.include({ code: 'SETTLEMENT_WAITS' });
    await world.activate();
    expect(await failureOf(epochs.closeNow(BY))).to.include({ code: 'SETTLEMENT_NOTHING' });
    expect((await epochs.list({ limit: 1 })).map(({ epoch }) => epoch)).to.deep.equal([2]);
    expect((await epochs.list({ before: 2 })).map(({ epoch }) => epoch)).to.deep.equal([1]);
    const sums = await epochs.statistics();
    expect(sums.requests).to.deep.equal({ served: 2, partial: 0, failed: 0 });
    expect(sums.settled).to.include({ epochs: 2, receipts: 4, payees: 3 });
    expect(sums.open.charges).to.equal(0);
  });

  it('behaviour: earnings of a worker without a wallet wait for the epoch after it has one', async () => {
    const epochs = world.create();
    const unbound = await world.work.join(7);
    await world.work.serve('a', [0, 7], { at });
    await epochs.step(world.target);
    await world.settle(epochs);

    expect(await linesOf(null)).to.equal(1);
    expect((await ledgerOf()).get(`worker:${unbound}`)).to.not.equal(0n);
    await world.activate();
    await world.work.bind(7, payoutOf(7), 1);
    await epochs.step(world.target);
    expect(await world.settle(epochs)).to.equal(2);
    expect((await world.audit(epochs, 2)).findings).to.deep.equal([]);
    expect((await ledgerOf()).get(`worker:${unbound}`)).to.equal(0n);
  });

  it('behaviour: a wallet that changes while an epoch is built changes the next one alone', async () => {
    const epochs = world.create();
    await world.work.serve('a', [0], { at });
    await epochs.step(world.target);
    await epochs.closeNow(BY);
    await world.work.bind(0, payoutOf(50), 2);
    await epochs.step(world.target);
    await world.send();

    expect((await epochs.proofOf(payoutOf(0))).claims).to.have.length(1);
    expect(await failureOf(epochs.proofOf(payoutOf(50)))).to.include({ code: 'NOT_FOUND_REWARDS' });
  });

  it('behaviour: charges of another fee go into another epoch, the oldest first', async () => {
    const epochs = world.create();
    await world.work.serve('a', [0], { at });
    await world.work.serve('b', [1], { at, feeBps: 500 });
    await world.work.serve('c', [2], { at });
    await epochs.step(world.target);
    await world.settle(epochs);
    expect([await linesOf(1), await linesOf(null)]).to.deep.equal([2, 1]);
    await world.activate();
    await epochs.step(world.target);
    await world.settle(epochs);

    expect((await epochs.show(2)).feeBps).to.equal(500);
    await ledgerOf();
  });

  it('behaviour: by itself it closes after an hour, when that is worth its gas or a day old', async () => {
    const epochs = world.create();
    await world.work.serve('a', [0], { at });
    const earned = (1_234n * 10n ** 9n * 9n) / 10n;
    const step = (costWei: bigint) => epochs.step({ ...world.target, costWei });
    expect((await step(0n)).kind).to.equal('idle');
    world.clock.advance(HOUR - 1);
    expect((await step(0n)).kind).to.equal('idle');
    world.clock.advance(60_000);
    expect((await step(earned / 50n + 1n)).kind).to.equal('idle');
    world.clock.advance(60_000);
    expect((await step(earned / 50n)).kind).to.equal('closed');
    expect((await step(0n)).kind).to.equal('built');
    await world.send();
    await world.activate();
    await world.work.serve('b', [0], { at: world.clock.now() });
    world.clock.advance(23 * HOUR);
    expect((await step(10n ** 20n)).kind).to.equal('idle');
    world.clock.advance(HOUR);
    expect((await step(10n ** 20n)).kind).to.equal('closed');
  });

  it('error SETTLEMENT_EPOCH: two processes that differ stop the epoch; nothing is published until an operator says so', async () => {
    await world.work.serve('a', [0, 1], { at });
    const change = async (units: number) => {
      await world.store
        .updateTable('bill_lines')
        .set({ units })
        .where('worker', '=', workerOf(0).peerId)
        .execute();
    };
    const differing = world.create({
      runBuild: async (build, signal) => {
        if (build.out !== undefined) return runEpochBuild(build, signal);
        await new Promise<void>((resolve) => setImmediate(resolve));
        const { receiptsRoot, ...same } = await runEpochBuild(build, signal);
        return { ...same, receiptsRoot: receiptsRoot.replace(/.$/, (last) => (last === '0' ? '1' : '0')) };
      },
    });
    await differing.step(world.target);
    await differing.closeNow(BY);

    expect(await stepOf(differing)).to.equal('stopped');
    const view = await differing.show(1);
    expect(view.state).to.equal('stopped');
    expect(view.error).to.include('SETTLEMENT_EPOCH').and.include('receiptsRoot');
    expect(await world.send()).to.deep.equal([]);
    expect((await ledgerOf()).get('settled')).to.equal(undefined);
    expect(await failureOf(differing.receipts(1))).to.include({ code: 'NOT_FOUND_EPOCH' });
    world.clock.advance(20_000);
    expect(await stepOf(differing)).to.equal('idle');
    expect(await eventsOf()).to.include('epoch.stopped');

    await change(5_000);
    const epochs = world.create();
    world.clock.advance(60_000);
    expect(await stepOf(epochs)).to.equal('idle');
    expect((await epochs.closeNow(BY)).state).to.equal('closing');
    expect(await stepOf(epochs), 'more units than were signed for').to.equal('stopped');
    await change(1_234);
    await world.settle(epochs);
    expect((await world.audit(epochs, 1)).findings).to.deep.equal([]);
  });

  it('error INTEGRITY_SIGNATURE: a receipt that was changed in the store stops the epoch', async () => {
    const epochs = world.create();
    await world.work.serve('a', [0], { at });
    await world.work.serve('b', [1], { at });
    const [one, other] = await world.store.selectFrom('receipts').selectAll().orderBy('worker_id').execute();
    await world.store
      .updateTable('receipts')
      .set({ signature: other?.signature ?? '' })
      .where('nonce', '=', one?.nonce ?? '')
      .execute();
    await epochs.step(world.target);
    await epochs.closeNow(BY);

    expect(await stepOf(epochs)).to.equal('stopped');
    expect((await epochs.show(1)).error).to.include('INTEGRITY_SIGNATURE');
  });

  it('error SERVICE_UNAVAILABLE: a process that is killed is started again; one that stops with us leaves nothing', async () => {
    await world.work.serve('a', [0], { at });
    let kills = 1;
    const epochs = world.create({
      runBuild: async (build, signal) => {
        const killed = AbortSignal.any([signal, AbortSignal.timeout(1)]);
        return runEpochBuild(build, kills-- > 0 ? killed : signal);
      },
    });
    await epochs.step(world.target);
    await epochs.closeNow(BY);
    expect(await failureOf(epochs.step(world.target))).to.include({ code: 'SERVICE_UNAVAILABLE' });
    expect(await stepOf(epochs), 'not at once').to.equal('idle');
    world.clock.advance(2_000);
    expect(await stepOf(epochs)).to.equal('built');
    await epochs.stop();
    await epochs.stop();
    const stopped = world.create();
    await stopped.stop();
    expect((await stopped.show(1)).state).to.equal('built');
  });

  it('error SETTLEMENT_UNBALANCED: while ledger and chain differ nothing is built, and then all goes on', async () => {
    const epochs = world.create();
    await world.work.serve('a', [0], { at });
    await epochs.step(world.target);
    await epochs.closeNow(BY);
    await writeStop(world.store, {
      at: 1,
      block: 1,
      differences: [{ where: 'escrow', expectedWei: '1', foundWei: '2' }],
    });
    expect(await failureOf(epochs.step(world.target))).to.include({ code: 'SETTLEMENT_UNBALANCED' });
    await writeStop(world.store, undefined);
    world.clock.advance(20_000);

    expect(await stepOf(epochs)).to.equal('built');
  });

  it('error SETTLEMENT_UNBALANCED: a store from before the chain’s epochs does not publish over them', async () => {
    await world.chain.publish(world.chain.build());
    await world.chain.advance(86_400);
    await world.work.serve('a', [0], { at });

    expect(await failureOf(world.create().step(world.target))).to.include({ code: 'SETTLEMENT_UNBALANCED' });
  });

  for (const dies of ['epoch.closed', 'epoch.built', 'epoch.writing', 'epoch.written']) {
    it(`behaviour: after a death at ${dies} the next start ends what was begun, once`, async () => {
      await world.work.serve('a', [0, 1], { at });
      const dead = world.create({
        point: (name) => {
          if (name === dies) throw new Error('dead');
        },
      });
      await dead.step(world.target);
      await dead
        .closeNow(BY)
        .then(
          () => dead.step(world.target),
          () => {},
        )
        .catch(() => {});
      const epochs = world.create();
      for (let steps = 0; steps < 3; steps++) {
        await epochs.step(world.target);
        world.clock.advance(20_000);
      }
      await world.send();

      expect((await epochs.show(1)).state).to.equal('published');
      expect((await world.audit(epochs, 1)).findings).to.deep.equal([]);
      const { rewards } = world.chain.contracts;
      const { writtenWei, doneWei } = await sumPublished(world.store, rewards);
      expect([writtenWei, doneWei]).to.deep.equal([(await ledgerOf()).get('settled'), writtenWei]);
      expect(await world.store.selectFrom('chain_intents').select('id').execute()).to.have.length(1);
      expect(await eventsOf()).to.have.members(['epoch.closed', 'epoch.built']);
    });
  }

  it('behaviour: a vetoed epoch is undone to the wei, and settled anew at an operator’s word alone', async () => {
    const epochs = world.create();
    await world.work.serve('a', [0, 1], { at });
    const before = await ledgerOf();
    await epochs.step(world.target);
    await world.settle(epochs);
    await world.chain.veto(1);
    world.clock.advance(20_000);

    expect(await stepOf(epochs)).to.equal('vetoed');
    const after = await ledgerOf();
    expect(after.get('settled')).to.equal(0n);
    for (const worker of [0, 1]) {
      const account = `worker:${workerOf(worker).peerId}` as const;
      expect(after.get(account), account).to.equal(before.get(account));
    }
    const { rewards } = world.chain.contracts;
    expect((await sumPublished(world.store, rewards)).writtenWei).to.equal(0n);
    expect((await epochs.show(1)).state).to.equal('vetoed');
    world.clock.advance(25 * HOUR);
    expect(await stepOf(epochs), 'not by itself').to.equal('idle');

    await world.work.serve('b', [2], { at: at + 9 });
    expect(await world.settle(epochs)).to.equal(1);
    expect((await world.audit(epochs, 1)).findings).to.deep.equal([]);
    expect((await epochs.show(1)).facts).to.include({ receipts: 3 });
    await world.activate();
    const claimed = await world.claim(epochs, payoutOf(0));
    expect(await world.balanceOf(payoutOf(0))).to.equal(claimed);
    expect((await ledgerOf()).get('settled')).to.equal((await sumPublished(world.store, rewards)).writtenWei);
  });

  it('behaviour: an old file is made again too, when the leaves before it are forgotten', async () => {
    const epochs = world.create();
    await world.work.serve('a', [0, 1], { at });
    await epochs.step(world.target);
    await world.settle(epochs);
    await world.activate();
    await world.work.serve('b', [1, 2], { at });
    await world.settle(epochs);
    await rm(join(world.dataDir, 'epochs'), { recursive: true });
    await world.store.deleteFrom('epoch_leaves').where('epoch', '=', 1).execute();

    expect((await world.audit(epochs, 2)).findings).to.deep.equal([]);
  });

  it('behaviour: files that are lost are made again, byte by byte; damaged ones of a tree are told', async () => {
    const epochs = world.create();
    await world.work.serve('a', [0, 1, 2], { at });
    await epochs.step(world.target);
    await world.settle(epochs);
    const { open: read, sizeBytes, etag } = await epochs.receipts(1);
    const whole = await text(read(0, sizeBytes));
    await rm(join(world.dataDir, 'epochs'), { recursive: true });

    const [again] = await Promise.all([epochs.receipts(1), epochs.proofOf(payoutOf(1))]);
    expect(await text(again.open(0, sizeBytes))).to.equal(whole);
    const tree = join(world.dataDir, 'epochs', `${etag}.tree`);
    const bytes = await readFile(tree);
    await rm(tree);
    await appendFile(tree, Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(32), bytes.subarray(64)]));
    const failures = await Promise.allSettled([0, 1, 2].map((worker) => epochs.proofOf(payoutOf(worker))));
    expect(failures.some(({ status }) => status === 'rejected')).to.equal(true);
  });

  it('error SERVICE_UNAVAILABLE, NOT_FOUND_EPOCH: nothing is settled before the first step', async () => {
    const epochs = world.create();
    expect(await failureOf(epochs.closeNow(BY))).to.include({ code: 'SERVICE_UNAVAILABLE' });
    expect(await failureOf(epochs.show(1))).to.include({ code: 'NOT_FOUND_EPOCH' });
    expect(await epochs.list({})).to.deep.equal([]);
    await epochs.step(world.target);
    expect(await failureOf(epochs.closeNow(BY))).to.include({ code: 'SETTLEMENT_NOTHING' });
  });
}
