import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askFaucet } from '@rios/sdk/chain/ask-faucet';
import { type ChainFile, parseChainFile } from '@rios/sdk/chain/chain-file';
import { openContracts, type RosContracts } from '@rios/sdk/chain/contracts';
import { workerRegistryAbi } from '@rios/sdk/chain/contracts/worker-registry';
import { type Chain, openChain } from '@rios/sdk/chain/open-chain';
import { peerHashOf } from '@rios/sdk/chain/peer-hash';
import { signPermit } from '@rios/sdk/chain/permit';
import {
  prepareTransaction,
  sendTransaction,
  type TransactionCall,
  waitForTransaction,
} from '@rios/sdk/chain/transaction';
import { systemClock } from '@rios/sdk/clock';
import { silentLog } from '@rios/sdk/log';
import { AbiCoder, Contract, type HDNodeWallet, id, keccak256, Wallet, ZeroAddress } from 'ethers';
import { deriveDevAccounts } from '../../packages/orchestrator/src/chain/dev-accounts.ts';
import { startDevChain } from '../../packages/orchestrator/src/chain/start-dev-chain.ts';
import { callRpc } from '../support/json-rpc.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';

const DAY = 86_400;

/** A real dev chain in this process, with an operator who has ROS, and judges. */
export interface StakeChain {
  readonly file: ChainFile;
  readonly operator: HDNodeWallet | Wallet;
  register(peerId: string): Promise<void>;
  stake(peerId: string, amountWei: bigint): Promise<void>;
  unbond(peerId: string, amountWei: bigint): Promise<void>;
  /** Two judges propose and agree; days later it is carried out. */
  slash(peerId: string, amountWei: bigint): Promise<void>;
  stakeOf(peerId: string): Promise<bigint>;
  mine(blocks: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startStakeChain(): Promise<StakeChain> {
  const dataDir = await createTempFolder();
  const dev = await startDevChain(
    { dataDir, port: 0, storeId: '' },
    { clock: systemClock, log: silentLog, random: randomBytes },
  );
  const file = parseChainFile(await readFile(dev.ready.chainFile, 'utf8'), dev.ready.chainFile);
  const chain = await openChain({ ...file, confirmations: 0 });
  const contracts = await openContracts(chain, file.addresses);
  const operator = Wallet.createRandom();
  await askFaucet(chain, operator.address, 1000n * 10n ** 18n);
  const send = (call: TransactionCall) => submit(chain, operator, call);
  const { registry, token } = contracts;
  const mnemonic = (await readFile(join(dataDir, 'chain.mnemonic'), 'utf8')).trim();
  return {
    file,
    operator,
    register: (peerId) => send(registry.register(peerHashOf(peerId), operator.address)),
    stake: async (peerId, amountWei) => {
      const deadline = Math.floor(Date.now() / 1000) + 30 * DAY;
      const permit = await signPermit(operator, token, registry.address, amountWei, deadline);
      await send(registry.stakeWithPermit(peerHashOf(peerId), permit));
    },
    unbond: (peerId, amountWei) => send(registry.requestUnbond(peerHashOf(peerId), amountWei)),
    slash: (peerId, amountWei) => {
      const workerId = registry.idOf(operator.address, peerHashOf(peerId));
      return judge({ chain, contracts, file, mnemonic }, workerId, amountWei);
    },
    stakeOf: async (peerId) =>
      (await registry.worker(registry.idOf(operator.address, peerHashOf(peerId)))).stake,
    mine: async (blocks) => {
      for (let count = 0; count < blocks; count++) await callRpc(file.rpcUrl, 'evm_mine');
    },
    stop: async () => {
      chain.close();
      await dev.stop();
      await removeFolder(dataDir);
    },
  };
}

async function submit(chain: Chain, signer: HDNodeWallet | Wallet, call: TransactionCall): Promise<void> {
  const prepared = await prepareTransaction(chain, signer.address, call);
  const { hash } = await sendTransaction(chain, signer, prepared, { onSigned: () => {} });
  await waitForTransaction(chain, hash, { timeoutMs: 10_000 });
}

interface Court {
  readonly chain: Chain;
  readonly contracts: RosContracts;
  readonly file: ChainFile;
  readonly mnemonic: string;
}

async function judge({ chain, file, mnemonic }: Court, workerId: string, amountWei: bigint): Promise<void> {
  const { judge1, judge2 } = deriveDevAccounts(mnemonic);
  const registry = new Contract(file.addresses.registry, workerRegistryAbi);
  const evidence = id('a wrong answer');
  const faultTime = (await chain.provider.getBlock('latest'))?.timestamp;
  const call = (name: string, args: unknown[]): TransactionCall => ({
    to: file.addresses.registry,
    what: name,
    data: registry.interface.encodeFunctionData(name, args),
  });
  const auditor = ZeroAddress;
  const proposal = [workerId, amountWei, evidence, 'file:///evidence', faultTime, auditor];
  const types = ['bytes32', 'uint128', 'bytes32', 'uint64', 'address'];
  const terms = [workerId, amountWei, evidence, faultTime, auditor];
  const slashId = keccak256(AbiCoder.defaultAbiCoder().encode(types, terms));
  await submit(chain, judge1, call('proposeSlash', proposal));
  await submit(chain, judge2, call('approveSlash', [slashId]));
  await callRpc(file.rpcUrl, 'evm_increaseTime', [4 * DAY]);
  await callRpc(file.rpcUrl, 'evm_mine');
  await submit(chain, judge1, call('executeSlash', [slashId]));
}
