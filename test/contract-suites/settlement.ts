import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { checkGasBudget } from '../../packages/orchestrator/src/settlement/gas-budget.ts';
import {
  type NewIntent,
  readIntent,
  retryIntent,
  writeIntent,
} from '../../packages/orchestrator/src/settlement/outbox.ts';
import {
  checkPublishing,
  readStop,
  writeStop,
} from '../../packages/orchestrator/src/settlement/publishing-stop.ts';
import { sumPublished } from '../../packages/orchestrator/src/settlement/sum-published.ts';
import * as blocks from '../../packages/orchestrator/src/store/chain-blocks.ts';
import * as events from '../../packages/orchestrator/src/store/chain-events.ts';
import * as intents from '../../packages/orchestrator/src/store/chain-intents.ts';
import * as transactions from '../../packages/orchestrator/src/store/chain-transactions.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { failureOf } from '../support/failure-of.ts';

const ADDRESS = (index: number) => `0x${String(index).padStart(40, '0')}`;
const HASH = (index: number) => `0x${String(index).padStart(64, '0')}`;
const PLACE = { chainId: 31_337, signer: ADDRESS(1) };
const DUE = { now: 100, except: [] };

function anIntent(over: Partial<NewIntent> = {}): NewIntent {
  const call = { to: ADDRESS(9), data: '0x00', what: 'Do it' };
  return { ...PLACE, key: 'a', call, goal: { kind: 'call' }, ...over };
}

const anEpoch = (epoch: number): NewIntent =>
  anIntent({
    key: `publish:${epoch}`,
    goal: { kind: 'publish', epoch, root: HASH(epoch), totalWei: String(10n ** 30n + BigInt(epoch)) },
  });

function anEvent(over: Partial<events.EscrowEvent> = {}): events.EscrowEvent {
  const place = { blockNumber: 5, blockHash: HASH(5), transactionHash: HASH(50), logIndex: 0 };
  return { kind: 'deposited', payer: ADDRESS(2), amountWei: 10n ** 27n + 1n, ...place, ...over };
}

/** The outbox, its nonces, and what was read of the chain: never twice, whoever writes at the same time. */
export function describeSettlement(store: () => Store): void {
  const inOne = <T>(work: (tx: Store) => Promise<T>) => store().transaction().execute(work);
  const write = (over: Partial<NewIntent> = {}, now = 1) =>
    inOne((tx) => writeIntent(tx, anIntent(over), now));
  const find = async (key = 'a') => {
    const found = await intents.findIntent(store(), key);
    if (found === undefined) expect.fail(`no intent ${key}`);
    return found;
  };

  describe('outbox', () => {
    it('default: an intent waits until it is sent, in the order in which it was written', async () => {
      await write();
      await write({ key: 'b' });

      expect((await intents.nextWaiting(store(), PLACE, DUE))?.intent_key).to.equal('a');
      expect(await readIntent(store(), 'a')).to.deep.include({ state: 'waiting', hash: null, error: null });
      expect(await intents.nextWaiting(store(), { ...PLACE, chainId: 1 }, DUE)).to.equal(undefined);
    });

    it('behaviour: written again it is the same; of many writers at once one writes it', async () => {
      const done = await Promise.all(Array.from({ length: 10 }, () => write()));

      expect(done.filter((one) => one === 'new')).to.have.length(1);
      expect(await store().selectFrom('chain_intents').select('id').execute()).to.have.length(1);
    });

    it('error CONFLICT_INTENT: the key stands for another call', async () => {
      await write();
      const error = await failureOf(write({ call: { to: ADDRESS(9), data: '0x01', what: 'Do it' } }));

      expect(error.code).to.equal('CONFLICT_INTENT');
      expect(error.details).to.deep.include({ key: 'a', changed: ['data'] });
    });

    it('error USER_INVALID_REQUEST: an intent that moves coin, or goes nowhere', async () => {
      const base = { data: '0x', what: '' };
      for (const call of [
        { ...base, to: ADDRESS(1), value: 1n },
        { ...base, to: 'nowhere' },
      ]) {
        expect((await failureOf(write({ call }))).code, call.to).to.equal('USER_INVALID_REQUEST');
      }
    });

    it('behaviour: what was changed meanwhile is not changed', async () => {
      await write();
      const intent = await find();
      const change = { state: 'signed' as const, nonce: 0, changed_at: 2 };

      expect(await intents.changeIntent(store(), intent, change)).to.equal(true);
      expect(await intents.changeIntent(store(), intent, change)).to.equal(false);
    });

    it('error CONFLICT_EXISTS: no two intents of an account have one nonce', async () => {
      await write();
      await write({ key: 'b' });
      await intents.changeIntent(store(), await find('a'), { state: 'signed', nonce: 7 });
      const error = await failureOf(
        intents.changeIntent(store(), await find('b'), { state: 'signed', nonce: 7 }),
      );

      expect(error.code).to.equal('CONFLICT_EXISTS');
    });

    it('behaviour: only one that failed is tried again', async () => {
      await write();
      expect((await failureOf(retryIntent(store(), 'a', 5))).code).to.equal('CONFLICT_INTENT');
      expect((await failureOf(retryIntent(store(), 'z', 5))).code).to.equal('NOT_FOUND_INTENT');
      await intents.changeIntent(store(), await find(), { state: 'failed', nonce: 3 });
      await retryIntent(store(), 'a', 5);

      expect(await find()).to.include({ state: 'waiting', nonce: null, due_at: 5 });
    });

    it('behaviour: what a reorganisation took back is on its way again, from that nonce on', async () => {
      for (const [nonce, key] of ['a', 'b', 'c'].entries()) {
        await write({ key });
        await intents.changeIntent(store(), await find(key), { state: 'done', nonce, hash: HASH(nonce) });
      }

      expect(await intents.reopenFrom(store(), PLACE, 1)).to.equal(2);
      expect((await intents.listSigned(store(), PLACE)).map(({ nonce }) => nonce)).to.deep.equal([1, 2]);
      expect(await find('a')).to.include({ state: 'done' });
    });

    it('behaviour: every version is kept, the newest first, of the nonce that counts now', async () => {
      await write();
      const { id } = await find();
      const version = { intent_id: id, signed_at: 1, nonce: 4 };
      for (const [index, nonce] of [3, 4, 4].entries()) {
        const raw = { ...version, nonce, hash: HASH(index), raw: `0x${index}` };
        await inOne((tx) => transactions.addVersion(tx, raw));
      }
      await intents.changeIntent(store(), await find(), { state: 'signed', nonce: 4 });

      const known = await transactions.listVersions(store(), await find());
      expect(known.map(({ hash, version }) => [hash, version])).to.deep.equal([
        [HASH(2), 3],
        [HASH(1), 2],
      ]);
      await inOne((tx) => transactions.writeNextNonce(tx, PLACE, 5));
      await inOne((tx) => transactions.writeNextNonce(tx, PLACE, 6));
      expect(await transactions.readNextNonce(store(), PLACE)).to.equal(6);
    });

    it('error SETTLEMENT_GAS_BUDGET: counted to the wei, per account and day, without one’s own share', async () => {
      await write();
      const big = 10n ** 24n;
      await intents.changeIntent(store(), await find(), { gas_wei: String(big), gas_day: 3 });
      const asked = { place: PLACE, day: 3, intentId: -1, maxCostWei: 1n, budgetWei: big };
      await checkGasBudget(store(), { ...asked, budgetWei: big + 1n });
      await checkGasBudget(store(), { ...asked, day: 4 });
      await checkGasBudget(store(), { ...asked, intentId: (await find()).id });
      const error = await failureOf(checkGasBudget(store(), asked));

      expect(error.code).to.equal('SETTLEMENT_GAS_BUDGET');
      expect(error.details).to.include({ spentWei: String(big), endsAt: 4 * 86_400_000 });
    });
  });

  describe('publishing', () => {
    it('default: goes on until it is stopped, for whoever shares the store', async () => {
      await checkPublishing(store());
      const difference = { where: 'escrow', expectedWei: '1', foundWei: '2' };
      await writeStop(store(), { at: 1, block: 2, differences: [difference] });
      const error = await failureOf(checkPublishing(store()));
      await writeStop(store(), undefined);

      expect(error).to.be.instanceOf(RiosError).and.include({ code: 'SETTLEMENT_UNBALANCED' });
      expect(error.details).to.deep.include({ differences: [difference], block: 2 });
      expect(await readStop(store())).to.equal(undefined);
    });

    it('behaviour: an epoch counts as published when it is done; one on its way may be', async () => {
      const rewards = { chainId: PLACE.chainId, address: ADDRESS(9) };
      expect(await sumPublished(store(), rewards)).to.deep.equal({
        writtenWei: 0n,
        doneWei: 0n,
        openWei: [],
      });
      for (const epoch of [1, 2, 3, 4]) await inOne((tx) => writeIntent(tx, anEpoch(epoch), epoch));
      for (const epoch of [1, 2]) {
        const done = { state: 'done' as const, nonce: epoch };
        await intents.changeIntent(store(), await find(`publish:${epoch}`), done);
      }
      await intents.changeIntent(store(), await find('publish:4'), { state: 'failed', nonce: 4 });

      expect(await sumPublished(store(), rewards)).to.deep.equal({
        writtenWei: 10n ** 30n + 3n,
        doneWei: 10n ** 30n + 2n,
        openWei: [10n ** 30n + 3n],
      });
    });
  });

  describe('what was read of a chain', () => {
    const SCOPE = `31337:${ADDRESS(9)}`;
    const see = (over: Partial<events.EscrowEvent> = {}) =>
      inOne((tx) => events.addSeenEvents(tx, SCOPE, [anEvent(over)]));
    const list = (state: 'seen' | 'counted') =>
      events.listEscrowEvents(store(), SCOPE, { state, to: 100, limit: 100 });
    const move = (from: 'seen' | 'counted', to: 'counted' | 'reversed' | 'dropped') =>
      events.moveEvent(store(), SCOPE, anEvent(), { from, to });

    it('default: an event comes back to the wei, once however often it is seen', async () => {
      await see();
      await see();

      const [event, ...more] = await list('seen');
      expect(event).to.deep.include(anEvent());
      expect(more).to.deep.equal([]);
      expect(
        await events.listEscrowEvents(store(), 'another', { state: 'seen', to: 9, limit: 9 }),
      ).to.have.length(0);
    });

    it('behaviour: counted once; a block that comes back after it was taken back counts again, under another key', async () => {
      await see();
      const [first] = await list('seen');
      expect([await move('seen', 'counted'), await move('seen', 'counted')]).to.deep.equal([true, false]);
      await see();
      expect(await list('seen'), 'what is counted is not seen again').to.deep.equal([]);
      await move('counted', 'reversed');
      await see();
      const [second] = await list('seen');

      expect(second).to.deep.include(anEvent());
      expect(second?.key).to.not.equal(first?.key);
    });

    it('behaviour: a payer’s sum is what was counted in less what was counted out', async () => {
      await see();
      await see({ kind: 'withdrawn', amountWei: 1n, logIndex: 1 });
      await see({ payer: ADDRESS(3), amountWei: 7n, logIndex: 2 });
      for (const event of await list('seen')) {
        await events.moveEvent(store(), SCOPE, event, { from: 'seen', to: 'counted' });
      }
      await see({ amountWei: 5n, logIndex: 3 });

      expect(await events.sumEscrow(store(), SCOPE)).to.deep.equal(
        new Map([
          [ADDRESS(2), 10n ** 27n],
          [ADDRESS(3), 7n],
        ]),
      );
    });

    it('behaviour: blocks are kept between two heights, each height once', async () => {
      const block = (number: number) => ({ number, hash: HASH(number), parentHash: HASH(number - 1) });
      expect(await blocks.newestBlock(store(), SCOPE)).to.equal(undefined);
      await blocks.addBlocks(store(), SCOPE, [1, 2, 3, 4, 5].map(block));
      await blocks.dropBlocksAbove(store(), SCOPE, 4);
      await blocks.dropBlocksUpTo(store(), SCOPE, 1);

      expect(await blocks.listBlocks(store(), SCOPE)).to.deep.equal([4, 3, 2].map(block));
      expect((await failureOf(blocks.addBlocks(store(), SCOPE, [block(4)]))).code).to.equal(
        'CONFLICT_EXISTS',
      );
      await blocks.writeCursor(store(), SCOPE, { countedTo: 3, prunedTo: 1 });
      await blocks.writeCursor(store(), SCOPE, { countedTo: 4, prunedTo: 1 });
      expect(await blocks.readCursor(store(), SCOPE)).to.deep.equal({ countedTo: 4, prunedTo: 1 });
    });
  });
}
