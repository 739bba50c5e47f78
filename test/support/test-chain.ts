import { join } from 'node:path';
import { openContracts, type RosContracts } from '@rios/sdk/chain/contracts';
import { rosTokenAbi } from '@rios/sdk/chain/contracts/ros-token';
import { type ContractAddresses, type DeploymentConfig, deploy } from '@rios/sdk/chain/deployment';
import { type Chain, type ChainOptions, openChain } from '@rios/sdk/chain/open-chain';
import { systemClock } from '@rios/sdk/clock';
import { silentLog } from '@rios/sdk/log';
import { type BaseWallet, Contract, getBytes, id, Wallet } from 'ethers';
import { createDevChain } from '../../packages/orchestrator/src/chain/create-dev-chain.ts';
import type { DevChain } from '../../packages/orchestrator/src/chain/dev-chain.ts';
import type { GenesisAccount } from '../../packages/orchestrator/src/chain/edr-engine.ts';
import { startRpcServer } from '../../packages/orchestrator/src/chain/rpc-server.ts';
import { createTempFolder, removeFolder } from './temp-folder.ts';

const COIN = 10n ** 18n;
export const CHAIN_ID = 31_337;

const createRoles = () => ({
  deployer: keyOf('deployer'),
  treasury: keyOf('treasury'),
  harmed: keyOf('harmed'),
  beneficiary: keyOf('beneficiary'),
  publisher: keyOf('publisher'),
  guardian: keyOf('guardian'),
  judge: keyOf('judge'),
});
const keyOf = (role: string): BaseWallet => new Wallet(id(`rios test ${role}`));
type Signers = ReturnType<typeof createRoles>;

/** A dev chain of its own with our contracts on it, and money for whom a test names. */
export interface TestChain {
  readonly rpcUrl: string;
  readonly chain: Chain;
  readonly addresses: ContractAddresses;
  readonly contracts: RosContracts;
  readonly signers: Signers;
  /** A new wallet with coin and ROS, in wei. */
  createWallet(money?: { readonly coin?: bigint; readonly ros?: bigint }): Promise<BaseWallet>;
  /** Moves the chain's time on, and makes a block. */
  advance(seconds: number): Promise<void>;
  /** Another connection to the same chain. */
  open(options?: Partial<ChainOptions>): Promise<Chain>;
  stop(): Promise<void>;
}

/** What makes the blocks; a dev chain when left out. */
export type OpenEngine = (
  accounts: readonly GenesisAccount[],
  journalFile: string,
) => Promise<Pick<DevChain, 'request' | 'stop'>>;

const openDevChain: OpenEngine = (accounts, journalFile) =>
  createDevChain({ journalFile, chainId: CHAIN_ID, accounts, storeId: 'test' }, systemClock);

/** @param chainOptions how the world itself talks to the chain */
export async function startTestChain(
  openEngine = openDevChain,
  chainOptions: Partial<ChainOptions> = {},
): Promise<TestChain> {
  const folder = await createTempFolder();
  const keys = createRoles();
  const accounts = Object.values(keys).map((key) => ({
    address: getBytes(key.address),
    balance: 10_000n * COIN,
  }));
  const devChain = await openEngine(accounts, join(folder, 'chain.journal'));
  const server = await startRpcServer(devChain, 0, silentLog);
  const open = (options: Partial<ChainOptions> = {}) =>
    openChain({ rpcUrl: server.url, chainId: CHAIN_ID, confirmations: 0, isDevChain: true, ...options });
  const chain = await open(chainOptions);
  const signers = connect(keys, chain);
  const addresses = await deploy(signers.deployer, configOf(signers));
  const token = new Contract(addresses.token, rosTokenAbi, signers.deployer);
  await (await token.getFunction('grantRole')(id('MINTER'), signers.deployer.address)).wait();

  return {
    rpcUrl: server.url,
    chain,
    addresses,
    contracts: await openContracts(chain, addresses),
    signers,
    createWallet: async ({ coin = COIN, ros = 0n } = {}) => {
      const wallet = new Wallet(Wallet.createRandom().privateKey, chain.provider);
      if (coin > 0n)
        await (await signers.treasury.sendTransaction({ to: wallet.address, value: coin })).wait();
      if (ros > 0n) await (await token.getFunction('mint')(wallet.address, ros)).wait();
      return wallet;
    },
    advance: (seconds) => advance(chain, seconds),
    open,
    stop: async () => {
      chain.close();
      await server.stop();
      await devChain.stop();
      await removeFolder(folder);
    },
  };
}

/** Its blocks may be ahead of the clock already: the chain moves on by `seconds` from its newest block at least. */
async function advance({ provider }: Chain, seconds: number): Promise<void> {
  const timeOf = async () => (await provider.getBlock('latest'))?.timestamp ?? 0;
  const target = (await timeOf()) + seconds;
  for (let missing = seconds; missing > 0; missing = target - (await timeOf())) {
    await provider.send('evm_increaseTime', [missing]);
    await provider.send('evm_mine', []);
  }
}

const connect = (keys: Signers, { provider }: Chain): Signers => ({
  deployer: keys.deployer.connect(provider),
  treasury: keys.treasury.connect(provider),
  harmed: keys.harmed.connect(provider),
  beneficiary: keys.beneficiary.connect(provider),
  publisher: keys.publisher.connect(provider),
  guardian: keys.guardian.connect(provider),
  judge: keys.judge.connect(provider),
});

const configOf = ({ deployer, treasury, harmed, beneficiary, publisher, guardian, judge }: Signers) =>
  ({
    cap: 10n ** 27n,
    deployer: deployer.address,
    treasury: treasury.address,
    harmedPool: harmed.address,
    beneficiary: beneficiary.address,
    publisher: publisher.address,
    guardian: guardian.address,
    judges: [judge.address],
    rewardsDelay: 3600,
    feeBps: 1000,
    exitDelay: 86_400,
    rules: {
      unbondPeriod: 604_800,
      maxEvidenceAge: 86_400,
      challengePeriod: 86_400,
      vetoPeriod: 86_400,
      quorum: 1,
      equivocationBps: 10_000,
    },
    timelock: { minDelay: 172_800, proposers: [treasury.address], executors: [treasury.address] },
  }) satisfies DeploymentConfig;
