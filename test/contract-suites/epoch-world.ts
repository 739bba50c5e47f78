import { silentLog } from '@rios/sdk/log';
import { auditEpoch, type EpochAudit } from '@rios/sdk/settlement/audit-epoch';
import type { FaultPoint } from '../../packages/orchestrator/src/fault-point.ts';
import { createEpochs } from '../../packages/orchestrator/src/settlement/epochs.ts';
import type { Epochs, EpochTarget } from '../../packages/orchestrator/src/settlement/epochs-port.ts';
import type { RunEpochBuild } from '../../packages/orchestrator/src/settlement/run-epoch-build.ts';
import { createIntentSender } from '../../packages/orchestrator/src/settlement/send-intents.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  createManualClock,
  type ManualClock,
} from '../../packages/orchestrator/test/support/manual-clock.ts';
import { NETWORK_ID, NOW } from '../../packages/sdk/test/settlement/support/range.ts';
import { createPaidWork, type PaidWork } from '../support/paid-work.ts';
import { type SettledChain, startSettledChain } from '../support/settled-chain.ts';
import { act, stepAll } from '../support/settlement.ts';

/** A store that processes of their own can open too, in a data directory. */
export interface OpenedStore {
  readonly store: Store;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  close(): Promise<void>;
}

export interface EpochWorld extends OpenedStore {
  readonly chain: SettledChain;
  readonly work: PaidWork;
  readonly clock: ManualClock;
  readonly target: EpochTarget;
  /** Another start of the orchestrator's part. */
  create(over?: {
    readonly point?: FaultPoint;
    readonly runBuild?: RunEpochBuild;
    readonly epochMs?: number;
  }): Epochs;
  /** Sends all that waits in the outbox. */
  send(): Promise<string[]>;
  /** Closes, builds and sends. */
  settle(epochs: Epochs): Promise<number>;
  audit(epochs: Epochs, epoch: number): Promise<EpochAudit>;
  /** Lets a day pass on the chain, and what waits there take effect. */
  activate(): Promise<void>;
  claim(epochs: Epochs, account: string): Promise<bigint>;
  balanceOf(account: string): Promise<bigint>;
}

const GWEI = 10n ** 9n;
const BY = 'acc_operator01';
const DAY_SECONDS = 86_400;

export async function createEpochWorld(open: () => Promise<OpenedStore>): Promise<EpochWorld> {
  const opened = await open();
  const chain = await startSettledChain();
  const { store, dataDir, databaseUrl } = opened;
  const clock = createManualClock(NOW + 10_000);
  const { publisher } = chain.signers;
  const { contracts } = chain;
  const target = { chain: chain.chain, contracts, publisher: publisher.address };
  const file = { chainId: chain.chain.chainId, addresses: chain.addresses };
  const sender = await createIntentSender(
    { holder: 'self', maxFeePerGas: 100n * GWEI, gasBudgetWei: 10n ** 20n },
    { store, clock, log: silentLog, chain: chain.chain, contracts, signer: publisher },
  );
  const settle = async (epochs: Epochs) => {
    const { epoch } = await epochs.closeNow(BY);
    await epochs.step(target);
    await stepAll(sender);
    return epoch;
  };
  return {
    ...opened,
    chain,
    clock,
    target,
    settle,
    work: await createPaidWork(store, ['acc_payer00001']),
    create: ({ point, runBuild, epochMs } = {}) =>
      createEpochs(
        {
          dataDir,
          networkId: NETWORK_ID,
          self: 'self',
          engines: { database: databaseUrl },
          ...(epochMs === undefined ? {} : { epochMs }),
        },
        {
          store,
          clock,
          log: silentLog,
          chain: { find: async () => ({ file: { ...FILE, ...file }, rpcUrl: chain.rpcUrl }) },
          ...(point === undefined ? {} : { point }),
          ...(runBuild === undefined ? {} : { runBuild }),
        },
      ),
    send: () => stepAll(sender),
    audit: async (epochs, epoch) => {
      const { open: read, sizeBytes } = await epochs.receipts(epoch);
      return auditEpoch(read(0, sizeBytes), { epoch, rpcUrl: chain.rpcUrl });
    },
    activate: async () => {
      await chain.advance(DAY_SECONDS);
      await act(chain.chain, publisher, contracts.rewards.activate());
    },
    claim: async (epochs, account) => {
      const { claims } = await epochs.proofOf(account);
      const live = await contracts.rewards.live();
      const claim = claims.find(({ root }) => root === live.root);
      if (claim === undefined) throw new Error(`no claim of ${account} for the live root`);
      const { cumulativeWei, proof } = claim;
      await act(chain.chain, publisher, contracts.rewards.claim(account, BigInt(cumulativeWei), proof));
      return BigInt(cumulativeWei);
    },
    balanceOf: (account) => contracts.token.balanceOf(account),
    close: async () => {
      await chain.stop();
      await opened.close();
    },
  };
}

const FILE = {
  format: 'rios.chain/1',
  rpcUrl: 'http://127.0.0.1:1',
  confirmations: 0,
  isDevChain: true,
} as const;
