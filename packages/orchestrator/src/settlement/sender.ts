import type { RosContracts } from '@rios/sdk/chain/contracts';
import type { Chain } from '@rios/sdk/chain/open-chain';
import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { Signer } from 'ethers';
import type { SignerPlace } from '../store/chain-intents.ts';
import type { Store } from '../store/store.ts';

export interface SenderOptions {
  /** Who sends, among all orchestrators of the store. */
  readonly holder: string;
  /** Most that a unit of gas may cost, wei of the chain's own coin. */
  readonly maxFeePerGas: bigint;
  /** Most that the signer's transactions of one day (UTC) may cost, wei of the chain's own coin. */
  readonly gasBudgetWei: bigint;
  /** A transaction that is in no block for so long is sent again with higher fees; 120,000 when left out. */
  readonly stuckMs?: number;
  /** How long another orchestrator waits for one that died; 30,000 when left out. */
  readonly leaseMs?: number;
}

/** Points of a transaction's life; what was done before one is durable. */
export type SendPoint = 'signed' | 'kept' | 'sent' | 'settled' | 'noted';

export interface SenderModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly chain: Chain;
  readonly contracts: Pick<RosContracts, 'rewards' | 'escrow'>;
  /** Of the account that sends. */
  readonly signer: Signer;
  /** Told at each point; what it throws ends the step there, as a death would. */
  readonly onPoint?: (point: SendPoint) => Promise<void> | void;
}

/** What the parts of sending share. */
export interface Sender extends SenderModules {
  readonly options: Required<SenderOptions>;
  readonly place: SignerPlace;
  /** When each transaction was last handed to the chain by this process. */
  readonly sentAt: Map<string, number>;
  readonly point: (point: SendPoint) => Promise<void>;
}

const STUCK_MS = 120_000;
const LEASE_MS = 30_000;

export async function createSender(options: SenderOptions, modules: SenderModules): Promise<Sender> {
  const { chain, signer, onPoint } = modules;
  return {
    ...modules,
    options: { stuckMs: STUCK_MS, leaseMs: LEASE_MS, ...options },
    place: { chainId: chain.chainId, signer: await signer.getAddress() },
    sentAt: new Map(),
    point: async (point) => onPoint?.(point),
  };
}
