import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_PRICE_TABLE } from '@rios/sdk/billing/price-table';
import { askFaucet } from '@rios/sdk/chain/ask-faucet';
import { signPeerBinding, signWalletBinding } from '@rios/sdk/chain/binding';
import { type ChainFile, parseChainFile } from '@rios/sdk/chain/chain-file';
import { openContracts, type RosContracts } from '@rios/sdk/chain/contracts';
import { type Chain, openChain } from '@rios/sdk/chain/open-chain';
import { loadOrCreateIdentity } from '@rios/sdk/crypto/identity';
import { type BaseWallet, Wallet } from 'ethers';
import type { DevWorker } from '../support/devnet.ts';
import { callRpc } from '../support/json-rpc.ts';
import { type LineProcess, startProcess } from '../support/line-process.ts';
import { RIOS_ORCHESTRATOR, riosJson } from '../support/rios.ts';
import { act } from '../support/settlement.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { tinyMoeBundle } from '../support/tiny-moe.ts';
import { until } from '../support/until.ts';
import { type Drilled, NODE_OPTIONS, startDrilled } from './drilled.ts';

/** A network with real money on a dev chain: one orchestrator that may die, workers with wallets, a payer. */
export interface BillingWorld {
  readonly orchestrator: Drilled;
  readonly networkId: string;
  readonly workers: readonly DevWorker[];
  readonly chain: Chain;
  readonly chainFile: ChainFile;
  readonly contracts: RosContracts;
  /** Has ROS and coin, and lets the escrow take what it deposits. */
  readonly payer: BaseWallet;
  /** Moves the chain's time on. */
  advance(seconds: number): Promise<void>;
  /** Whether all workers are listed and the model serves. */
  isReady(): Promise<boolean>;
  stop(): Promise<void>;
}

export const MODEL = 'tiny-moe';
const ROS = 10n ** 18n;
/** Per 1,000,000 units, the highest there is: some requests use up the trial credit, and vouchers are due. */
const PRICE_WEI = 1_000n * ROS;
/** The load is not to be held back by rates, by gas, or by vouchers that wait for others. */
const FLAGS = [
  ...['--rate-burst', '1000000', '--rate-per-second', '1000000', '--log-level', 'warn'],
  ...['--gas-budget', '1000', '--collect-after', '0'],
];
const EAGER_WORKER = fileURLToPath(new URL('./eager-worker-main.ts', import.meta.url));
const YEAR_MS = 365 * 86_400_000;
const READY_MS = 60_000;

export async function startBillingWorld(options: { readonly workers: number }): Promise<BillingWorld> {
  const folder = await createTempFolder();
  const opened: (() => Promise<unknown>)[] = [() => removeFolder(folder)];
  const stop = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const { chainFile, path, chain } = await startChain(join(folder, 'chain'), opened);
    const flags = [...FLAGS, '--chain-file', path];
    const orchestrator = await startDrilled({ dataDir: join(folder, 'orchestrator'), flags });
    opened.push(() => orchestrator.stop());
    await setPrices(orchestrator);
    const { networkId } = await orchestrator.client.status({});
    const contracts = await openContracts(chain, chainFile.addresses);
    const workers: DevWorker[] = [];
    opened.push(() => Promise.all(workers.map((worker) => worker.process.stop())));
    for (let index = 1; index <= options.workers; index++) {
      workers.push(await addWorker(folder, `worker-${index}`, { orchestrator, networkId, chain }));
    }
    const env = { RIOS_HOME: join(folder, 'home'), RIOS_API_URL: orchestrator.apiUrl };
    await push(orchestrator, env);
    const isReady = () => serves(orchestrator, workers.length);
    await until('the model to serve', async () => (await isReady()) || undefined, READY_MS);
    const payer = await fund(chain, contracts);
    const advance = async (seconds: number) => {
      await callRpc(chainFile.rpcUrl, 'evm_increaseTime', [seconds]);
      await callRpc(chainFile.rpcUrl, 'evm_mine');
    };
    return { orchestrator, networkId, workers, chain, chainFile, contracts, payer, advance, isReady, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startChain(dataDir: string, opened: (() => Promise<unknown>)[]) {
  await mkdir(dataDir, { mode: 0o700 });
  const process: LineProcess = startProcess(RIOS_ORCHESTRATOR, ['chain', '--data-dir', dataDir]);
  opened.push(() => process.stop());
  await process.waitFor('ready', READY_MS);
  const path = join(dataDir, 'chain.json');
  const chainFile = parseChainFile(await readFile(path, 'utf8'), path);
  const { rpcUrl, chainId } = chainFile;
  const chain = await openChain({ rpcUrl, chainId, confirmations: 0, isDevChain: true });
  opened.push(async () => chain.close());
  return { chainFile, path, chain };
}

type Known = { orchestrator: Drilled; networkId: string; chain: Chain };

/** A worker that asks for its price, bound to a wallet of its own. */
async function addWorker(folder: string, name: string, known: Known): Promise<DevWorker> {
  const { orchestrator, networkId, chain } = known;
  const { client } = orchestrator;
  const dataDir = join(folder, name);
  const { invite } = await client.createInvite({ body: { ttlMs: 600_000, maxUses: 1 } });
  const place = ['--data-dir', dataDir, '--join', invite, '--listen', '/ip4/127.0.0.1/tcp/0'];
  const args = ['start', ...place, '--threads', '1', '--name', name, '--price', String(PRICE_WEI)];
  const process = startProcess(EAGER_WORKER, args, { env: { NODE_OPTIONS } });
  const { peerId } = await process.waitFor('ready', READY_MS);
  const identity = await loadOrCreateIdentity(join(dataDir, 'identity.key'));
  const now = Date.now();
  const fields = { networkId, chainId: chain.chainId, peerId: identity.peerId, sequence: now };
  const byWallet = await signWalletBinding(Wallet.createRandom(), { ...fields, expiresAt: now + YEAR_MS });
  const binding = signPeerBinding(identity, byWallet);
  await client.bindWorker({ params: { id: identity.peerId }, body: { binding } });
  return { name, process, dataDir, peerId: String(peerId) };
}

/** A table under which workers may ask for that much. */
async function setPrices({ client }: Drilled): Promise<void> {
  const { version, prices, ...table } = DEFAULT_PRICE_TABLE;
  const units = { ...prices.units, mostWei: String(PRICE_WEI) };
  const dear = { ...table, version: version + 1, prices: { ...prices, units } };
  await client.setPrices({ body: dear });
}

async function push({ client, token }: Drilled, env: NodeJS.ProcessEnv): Promise<void> {
  const options = { env: { ...env, RIOS_API_TOKEN: token }, timeoutMs: READY_MS };
  await riosJson(['model', 'push', await tinyMoeBundle(), '--name', MODEL], options);
  await client.placeModel({ params: { name: MODEL }, body: { shape: 'chain' } });
}

async function serves({ client }: Drilled, count: number): Promise<boolean> {
  const { workers, models } = await client.status({});
  return workers.filter(({ state }) => state === 'listed').length === count && models[0]?.state === 'ready';
}

async function fund(chain: Chain, { token, escrow }: RosContracts): Promise<BaseWallet> {
  const payer = new Wallet(Wallet.createRandom().privateKey, chain.provider);
  for (let times = 0; times < 3; times++) await askFaucet(chain, payer.address, 10_000n * ROS);
  await act(chain, payer, token.approve(escrow.address, 10n ** 9n * ROS));
  return payer;
}
