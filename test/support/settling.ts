import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChainFile } from '@rios/sdk/chain/chain-file';
import { chainSeconds } from '@rios/sdk/chain/chain-seconds';
import { signVoucher } from '@rios/sdk/chain/voucher';
import { signWalletLink } from '@rios/sdk/chain/wallet-link';
import { systemClock } from '@rios/sdk/clock';
import { silentLog } from '@rios/sdk/log';
import type { VoucherBody } from '@rios/sdk/schema/funds';
import type { BaseWallet } from 'ethers';
import { postTransfer } from '../../packages/orchestrator/src/billing/post-transfer.ts';
import { createVouchers, type Vouchers } from '../../packages/orchestrator/src/billing/vouchers.ts';
import { type FaultPoint, NO_FAULTS } from '../../packages/orchestrator/src/fault-point.ts';
import {
  createFollowedContracts,
  type FollowedContracts,
} from '../../packages/orchestrator/src/settlement/followed-contracts.ts';
import type {
  SettlementModules,
  SettlementOptions,
} from '../../packages/orchestrator/src/settlement/settlement-loop.ts';
import {
  openSettlementSession,
  type SettlementSession,
} from '../../packages/orchestrator/src/settlement/settlement-session.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  createManualClock,
  type ManualClock,
} from '../../packages/orchestrator/test/support/manual-clock.ts';
import { act } from './settlement.ts';
import { createTempFolder, removeFolder } from './temp-folder.ts';
import type { TestChain } from './test-chain.ts';

export const NETWORK = `net_${'0'.repeat(32)}`;
const LIFE_SECONDS = 30 * 86_400;

/** An orchestrator's settlement on a test chain, step by step. */
export interface Settling {
  readonly clock: ManualClock;
  readonly vouchers: Vouchers;
  readonly contracts: FollowedContracts;
  readonly options: SettlementOptions;
  readonly modules: SettlementModules;
  /** As after a start of the orchestrator; time for what is done now and then has come. */
  open(over?: Partial<SettlementOptions>): Promise<SettlementSession>;
  /** Steps, with time for what is done now and then in between, until nothing is on its way. */
  settle(session: SettlementSession): Promise<void>;
  /** A file with a key, as --settlement-key-file wants it. */
  writeKey(wallet: BaseWallet, mode?: number): Promise<string>;
  /** A wallet that paid into the escrow. */
  payer(depositWei: bigint): Promise<BaseWallet>;
  link(wallet: BaseWallet, accountId: string): Promise<void>;
  /** As a request would: from the account to a worker. */
  spend(accountId: string, amountWei: bigint): Promise<void>;
  /** What `rios billing pay` hands in. */
  sign(wallet: BaseWallet, cumulativeWei: bigint, lifeSeconds?: number): Promise<VoucherBody>;
  stop(): Promise<void>;
}

export interface SettlingWorld {
  readonly world: TestChain;
  readonly store: Store;
  readonly rpcUrl?: string;
  readonly point?: FaultPoint;
  readonly confirmations?: number;
  readonly isDevChain?: boolean;
}

export async function createSettling(given: SettlingWorld): Promise<Settling> {
  const { world, store, point = NO_FAULTS } = given;
  const folder = await createTempFolder();
  const clock = createManualClock(Date.now());
  const file: ChainFile = {
    format: 'rios.chain/1',
    chainId: world.chain.chainId,
    rpcUrl: given.rpcUrl ?? world.rpcUrl,
    addresses: world.addresses,
    confirmations: given.confirmations ?? 0,
    isDevChain: given.isDevChain ?? true,
    fromBlock: (await world.chain.provider.getBlockNumber()) + 1,
  };
  const source = { find: async () => ({ file, rpcUrl: file.rpcUrl }) };
  const contracts = createFollowedContracts(source, { clock: systemClock, timeoutMs: 2_000 });
  let keys = 0;
  const writeKey = async ({ privateKey }: { readonly privateKey: string }, mode = 0o600) => {
    const path = join(folder, `key-${++keys}`);
    await writeFile(path, `${privateKey}\n`, { mode });
    return path;
  };
  const options: SettlementOptions = {
    holder: 'one',
    keyFile: await writeKey(world.signers.publisher),
    passwordFile: undefined,
    chainFile: undefined,
    gasBudgetWei: 10n ** 18n,
    maxFeePerGas: 10n ** 12n,
    collectAfterMs: 0,
    reconcileMs: 600_000,
  };
  const epochs = { step: async () => ({ kind: 'idle' as const }) };
  const modules: SettlementModules = { store, clock, log: silentLog, contracts, epochs, point };
  const vouchers = createVouchers({ ...modules, networkId: NETWORK, onKept: () => {} });
  return {
    clock,
    vouchers,
    contracts,
    options,
    modules,
    writeKey,
    open: async (over = {}) =>
      openSettlementSession({ ...options, ...over }, { ...modules, followed: await contracts.get() }),
    settle: async (session) => {
      for (let count = 0; count < 4; count++) {
        await session.step();
        clock.advance(60_000);
      }
    },
    payer: (depositWei) => createPayer(world, depositWei),
    link: async (wallet, accountId) => {
      const { chainId } = world.chain;
      await vouchers.link(
        accountId,
        await signWalletLink(wallet, { networkId: NETWORK, chainId, accountId }),
      );
    },
    spend: async (accountId, amountWei) => {
      const entries = [
        { account: `user:${accountId}`, amountWei: -amountWei } as const,
        { account: 'worker:w', amountWei } as const,
      ];
      const key = `spend:${clock.now()}:${accountId}:${amountWei}`;
      await store
        .transaction()
        .execute((tx) => postTransfer(tx, { key, kind: 'spend', at: clock.now(), entries, ref: '' }));
    },
    sign: async (wallet, cumulativeWei, lifeSeconds = LIFE_SECONDS) => {
      const deadline = (await chainSeconds(world.chain)) + lifeSeconds;
      const voucher = { payer: wallet.address, cumulative: cumulativeWei, deadline };
      const { signature } = await signVoucher(wallet, world.contracts.escrow, voucher);
      return { payer: wallet.address, cumulativeWei: String(cumulativeWei), deadline, signature };
    },
    stop: async () => {
      contracts.close();
      await removeFolder(folder);
    },
  };
}

async function createPayer(world: TestChain, depositWei: bigint): Promise<BaseWallet> {
  const wallet = await world.createWallet({ ros: depositWei });
  const { token, escrow } = world.contracts;
  await act(world.chain, wallet, token.approve(escrow.address, depositWei));
  await act(world.chain, wallet, escrow.deposit(wallet.address, depositWei));
  return wallet;
}
