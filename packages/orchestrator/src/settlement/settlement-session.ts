import { type RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { BaseWallet } from 'ethers';
import { createDeposits } from '../billing/deposits.ts';
import { adoptIntents, hasOpenIntents } from '../store/chain-intents.ts';
import { acquireLease } from '../store/leases.ts';
import { sumLedger } from '../store/ledger.ts';
import { collectVouchers } from './collect-vouchers.ts';
import type { Followed } from './followed-contracts.ts';
import { createIndexer, type Indexer } from './indexer.ts';
import { publisherKeyVersion, readPublisherKey } from './publisher-key.ts';
import { createReconciler, type Reconciler } from './reconciler.ts';
import { createIntentSender, type IntentSender } from './send-intents.ts';
import type { SettlementModules, SettlementOptions } from './settlement-loop.ts';
import { activateDue, approveRewards } from './upkeep-intents.ts';

/** Settlement on one chain, with one key. */
export interface SettlementSession {
  readonly followed: Followed;
  /** Of the indexer. */
  readonly scope: string;
  /** Address of the publisher; undefined = this orchestrator has no key. */
  readonly signer: string | undefined;
  /** True when its key may have changed. */
  isOutdated(): Promise<boolean>;
  /** @throws RiosError CHAIN_*, SETTLEMENT_REORG: the chain cannot be read */
  step(): Promise<void>;
  /** What kept a part of the last step from going on. */
  problem(): RiosError | undefined;
  comparedAt(): number | undefined;
}

export interface SessionModules extends Omit<SettlementModules, 'contracts'> {
  readonly followed: Followed;
}

const LEASE_MS = 30_000;
/** What nobody waits for is done this often. */
const DEV_CHORES_MS = 2_000;
const CHORES_MS = 30_000;
/** Steps of one kind in a row. */
const MAX_STEPS = 200;

interface Session {
  readonly options: SettlementOptions;
  readonly modules: SessionModules;
  readonly indexer: Indexer;
  readonly reconciler: Reconciler;
  readonly wallet: BaseWallet | undefined;
  readonly sender: IntentSender | undefined;
  /** Of the newest block when nothing was left to read. */
  readHash: string;
  choresAt: number;
  comparedAt: number | undefined;
  problem: RiosError | undefined;
}

/** @throws RiosError CHAIN_*; a key that cannot be used is a problem of the session, and deposits are counted without */
export async function openSettlementSession(
  options: SettlementOptions,
  modules: SessionModules,
): Promise<SettlementSession> {
  const { followed } = modules;
  const { isDevChain } = followed.file;
  const version = await publisherKeyVersion(options, isDevChain);
  const { wallet, keyProblem } = await readKey(options, modules);
  const indexer = openIndexer(modules);
  const session: Session = {
    options,
    modules,
    indexer,
    reconciler: openReconciler(modules, indexer.scope),
    wallet,
    sender: wallet === undefined ? undefined : await openSender(options, modules, wallet),
    readHash: '',
    choresAt: Number.NEGATIVE_INFINITY,
    comparedAt: undefined,
    problem: keyProblem,
  };
  return {
    followed,
    scope: indexer.scope,
    signer: wallet?.address,
    isOutdated: async () => (await publisherKeyVersion(options, isDevChain)) !== version,
    step: async () => {
      session.problem = keyProblem;
      await step(session);
    },
    problem: () => session.problem,
    comparedAt: () => session.comparedAt,
  };
}

async function readKey(options: SettlementOptions, { followed, log }: SessionModules) {
  try {
    const wallet = await readPublisherKey(options, followed.file);
    if (wallet === undefined)
      log.info('no settlement key: this orchestrator counts deposits and publishes nothing');
    return { wallet, keyProblem: undefined };
  } catch (error) {
    const keyProblem = toRiosError(error);
    log.error('the settlement key cannot be used: nothing is published', {
      code: keyProblem.code,
      error: keyProblem.message,
    });
    return { wallet: undefined, keyProblem };
  }
}

function openIndexer({ store, log, clock, point, followed }: SessionModules): Indexer {
  const { chain, contracts, file } = followed;
  const deposits = createDeposits({ now: () => clock.now(), point });
  const options = { escrow: contracts.escrow.address, fromBlock: file.fromBlock ?? 0 };
  return createIndexer(options, { store, log, chain, ...deposits });
}

function openReconciler({ store, clock, log, followed }: SessionModules, scope: string): Reconciler {
  const { contracts } = followed;
  return createReconciler({ store, clock, log, contracts, scope, readLedger: sumLedger });
}

function openSender(
  { holder, maxFeePerGas, gasBudgetWei }: SettlementOptions,
  { store, clock, log, followed, point }: SessionModules,
  signer: BaseWallet,
): Promise<IntentSender> {
  const { chain, contracts } = followed;
  const onPoint = (name: string) => point(`send.${name}`);
  return createIntentSender(
    { holder, maxFeePerGas, gasBudgetWei },
    { store, clock, log, chain, contracts, signer, onPoint },
  );
}

async function step(session: Session): Promise<void> {
  const { clock, followed } = session.modules;
  await readChain(session);
  const now = clock.now();
  const choresMs = followed.file.isDevChain ? DEV_CHORES_MS : CHORES_MS;
  const isChoreTime = now - session.choresAt >= choresMs || now < session.choresAt;
  if (isChoreTime) session.choresAt = now;
  if (session.wallet !== undefined && session.sender !== undefined) {
    await publish(session, { signer: session.wallet.address, sender: session.sender, isChoreTime });
  }
  await part(session, () => compareDue(session));
}

/** Counts what is new, as far as it goes. */
async function readChain(session: Session): Promise<void> {
  const { chain } = session.modules.followed;
  const newest = await chain.provider.getBlock('latest');
  if (newest?.hash === session.readHash) return;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const { kind } = await session.indexer.step();
    if (kind !== 'idle') continue;
    session.readHash = newest?.hash ?? '';
    return;
  }
}

interface Publishing {
  readonly signer: string;
  readonly sender: IntentSender;
  readonly isChoreTime: boolean;
}

/** What changes something on the chain: one orchestrator of a store at a time, each part without the others. */
async function publish(session: Session, { signer, sender, isChoreTime }: Publishing): Promise<void> {
  const { store, followed } = session.modules;
  const place = { chainId: followed.chain.chainId, signer };
  const lease = await acquireLease(store, `settle:${place.chainId}`, session.options.holder, LEASE_MS);
  if (lease === undefined) return;
  if (isChoreTime) await doChores(session, signer);
  await part(session, () => stepEpochs(session, signer));
  if (isChoreTime || (await hasOpenIntents(store, place))) await part(session, () => send(sender));
}

async function doChores(session: Session, signer: string): Promise<void> {
  const { store, clock, followed, log, point } = session.modules;
  const { chain, contracts } = followed;
  const now = clock.now();
  const context = { store, followed, signer, now };
  await part(session, async () => {
    const adopted = await adoptIntents(store, { chainId: chain.chainId, signer }, now);
    if (adopted > 0)
      log.warn('another key left transactions undone: they are signed anew', { adopted, signer });
  });
  await part(session, () => approveRewards(context));
  await part(session, async () => {
    const { collectAfterMs } = session.options;
    await collectVouchers({ collectAfterMs, signer }, { store, clock, log, chain, contracts, point });
  });
  await part(session, () => activateDue(context));
}

async function stepEpochs(session: Session, publisher: string): Promise<void> {
  const { epochs, followed } = session.modules;
  const { chain, contracts } = followed;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const { kind } = await epochs.step({ chain, contracts, publisher });
    // nothing is built on books that differ
    if (kind === 'closed') await compare(session);
    if (kind !== 'closed' && kind !== 'vetoed') return;
  }
}

/** Until nothing can be done at once. */
async function send(sender: IntentSender): Promise<void> {
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const { kind } = await sender.step();
    if (kind !== 'sent' && kind !== 'done' && kind !== 'reopened') return;
  }
}

async function compareDue(session: Session): Promise<void> {
  const { clock } = session.modules;
  const now = clock.now();
  const { comparedAt } = session;
  const isDue =
    comparedAt === undefined || now - comparedAt >= session.options.reconcileMs || now < comparedAt;
  if (!isDue) return;
  await compare(session);
}

async function compare(session: Session): Promise<void> {
  await session.reconciler.run();
  session.comparedAt = session.modules.clock.now();
}

/** What fails of it is told; the other parts go on. */
async function part(session: Session, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const known = toRiosError(error);
    if (session.problem?.code !== known.code || session.problem.message !== known.message) {
      session.modules.log.warn('a part of settlement cannot go on now', {
        code: known.code,
        error: known.message,
      });
    }
    session.problem ??= known;
  }
}
