import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainFile, formatChainFile } from '@rios/sdk/chain/chain-file';
import { FAUCET_METHOD } from '@rios/sdk/chain/faucet';
import type { Clock } from '@rios/sdk/clock';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { lockDirectory } from '@rios/sdk/config/directory-lock';
import type { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { getBytes } from 'ethers';
import { createChainProvider } from './chain-provider.ts';
import { createDevChain } from './create-dev-chain.ts';
import { addressesOfAccounts, type DevAccounts, type DevRole, deriveDevAccounts } from './dev-accounts.ts';
import type { DevChain } from './dev-chain.ts';
import { prepareDevContracts } from './dev-deployment.ts';
import { ensureDevMnemonic } from './dev-mnemonic.ts';
import { createFaucet, type Faucet } from './faucet.ts';
import { startRpcServer } from './rpc-server.ts';

export interface DevChainProcessOptions {
  readonly dataDir: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Of the database that follows the chain; '' = none. */
  readonly storeId: string;
}

export interface DevChainReady {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly chainFile: string;
  readonly addresses: ChainFile['addresses'];
  /** Addresses of the accounts, by what they are for; never a key. */
  readonly accounts: Readonly<Record<DevRole, string>>;
  readonly head: { readonly height: number; readonly hash: string };
}

export interface RunningDevChain {
  readonly ready: DevChainReady;
  /** Resolves when the chain cannot go on, with the reason: what is in memory is not on the disk. */
  readonly failed: Promise<RiosError>;
  stop(): Promise<void>;
}

/** As in hardhat and anvil: wallets take it for a chain of no worth. */
const DEV_CHAIN_ID = 31_337;
/** Coin of each account at the beginning, wei. */
const GENESIS_WEI = 1_000_000n * 10n ** 18n;

interface Modules {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: (size: number) => Uint8Array;
}

/** Where a dev chain keeps what. */
export const devChainPaths = (dataDir: string) => ({
  journalFile: join(dataDir, 'chain.journal'),
  mnemonicFile: join(dataDir, 'chain.mnemonic'),
  chainFile: join(dataDir, 'chain.json'),
});

/**
 * Opens the dev chain of a directory, or begins one: contracts deployed, chain file written, RPC on loopback.
 * @throws RiosError CONFLICT_IN_USE, CHAIN_JOURNAL, CAPACITY_DISK, RUNTIME_NODE_UNSUPPORTED
 */
export async function startDevChain(
  options: DevChainProcessOptions,
  modules: Modules,
): Promise<RunningDevChain> {
  const opened: (() => void | Promise<void>)[] = [];
  const stop = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const lock = await lockDirectory(options.dataDir, 'chain');
    opened.push(() => lock.release());
    return { ...(await open(options, modules, opened)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function open(
  { dataDir, port, storeId }: DevChainProcessOptions,
  { clock, log, random }: Modules,
  opened: (() => void | Promise<void>)[],
): Promise<Omit<RunningDevChain, 'stop'>> {
  const { journalFile, mnemonicFile, chainFile } = devChainPaths(dataDir);
  await rm(chainFile, { force: true });
  const accounts = deriveDevAccounts(await ensureDevMnemonic(mnemonicFile, journalFile, random));
  const genesis = Object.values(accounts).map(({ address }) => ({
    address: getBytes(address),
    balance: GENESIS_WEI,
  }));
  const chain = await createDevChain(
    { journalFile, chainId: DEV_CHAIN_ID, accounts: genesis, storeId },
    clock,
  );
  opened.push(() => chain.stop());
  const { addresses, faucet } = await prepare(chain, accounts, opened);
  const server = await startRpcServer(withFaucet(chain, faucet), port, log);
  opened.push(() => server.stop());
  const file: ChainFile = {
    format: 'rios.chain/1',
    chainId: DEV_CHAIN_ID,
    rpcUrl: server.url,
    addresses,
    confirmations: 0,
    isDevChain: true,
    faucet: accounts.faucet.address,
  };
  await writeFileAtomic(chainFile, formatChainFile(file), 0o644);
  opened.push(() => rm(chainFile, { force: true }));
  const told = { rpcUrl: server.url, chainId: DEV_CHAIN_ID, chainFile, addresses };
  const ready = { ...told, accounts: addressesOfAccounts(accounts), head: await chain.head() };
  return { ready, failed: chain.failed };
}

async function prepare(
  chain: DevChain,
  accounts: DevAccounts,
  opened: (() => void | Promise<void>)[],
): Promise<{ addresses: ChainFile['addresses']; faucet: Faucet }> {
  const provider = createChainProvider(chain);
  opened.push(() => provider.destroy());
  const addresses = await prepareDevContracts(accounts.deployer.connect(provider), accounts);
  return { addresses, faucet: createFaucet(accounts.faucet.connect(provider), addresses.token) };
}

const withFaucet = (chain: DevChain, faucet: Faucet): Pick<DevChain, 'request'> => ({
  request: (call) => (call.method === FAUCET_METHOD ? faucet.give(call.params) : chain.request(call)),
});
