import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Client, createClient } from '@rios/sdk/api/client';
import { parseRos } from '@rios/sdk/chain/amounts';
import { readChainFile } from '@rios/sdk/chain/chain-file';
import { openContracts, type RosContracts } from '@rios/sdk/chain/contracts';
import { openChain } from '@rios/sdk/chain/open-chain';
import { signUp } from './person.ts';
import type { DemoSettlement, DemoStory } from './report.ts';
import { rios, riosJson } from './rios-command.ts';

const WORKERS = ['worker-1', 'worker-2', 'worker-3'];
const DEPOSIT = '20';
/** One transaction that settles for each 1,000 expert calls at most, the approval of the first epoch included. */
const EXPERT_CALLS = 4_000;
const TOKENS = 64;
const WAIT_MS = 30_000;

export interface Stage {
  /** Of who runs the network. */
  readonly operator: Client;
  readonly apiUrl: string;
  readonly model: string;
  readonly timeoutMs: number;
}

/** Ada's money from the faucet to the workers' wallets, by the commands that everybody has. */
export async function settle(stage: Stage): Promise<{ settlement: DemoSettlement; story: DemoStory }> {
  const scratch = mkdtempSync(join(tmpdir(), 'rios-demo-money-'));
  const file = await readChainFile(process.env.RIOS_CHAIN_FILE ?? '');
  const chain = await openChain({ ...file, confirmations: 0 });
  try {
    const contracts = await openContracts(chain, file.addresses);
    const { ada, wallet } = await enter(stage, scratch);
    const payouts = await bindWorkers(ada);
    const expertCalls = await ask(stage, ada);
    const collected = await pay(contracts, wallet, ada);
    const { epoch, root } = await publish(stage, contracts);
    const paid = await claimAll(contracts, payouts, ada);
    const { signer } = await stage.operator.getSettlement();
    const transactions = await chain.provider.getTransactionCount(signer ?? '');
    const auditEqual = await audit(epoch, file.rpcUrl, scratch);
    const invoice = await rios(['billing', 'invoice'], ada);
    return {
      settlement: { epoch, root, transactions, auditEqual },
      story: { expertCalls, collected, paid, invoice },
    };
  } finally {
    chain.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

type Environment = Readonly<Record<string, string>>;

const say = (what: string) => console.error(`- ${what}`);

/** A person with a wallet and a deposit. The operator gives no trial credit any more, so that all is paid for. */
async function enter(
  { operator, apiUrl }: Stage,
  scratch: string,
): Promise<{ readonly ada: Environment; readonly wallet: string }> {
  const prices = await operator.getPrices();
  const version = prices.version + 1;
  await operator.setPrices({ body: { ...prices, version, effectiveAt: 0, trialWei: '0' } });
  say('Ada signs up, makes a wallet, and deposits 20 ROS of the faucet');
  const passwordFile = join(scratch, 'password');
  writeFileSync(passwordFile, randomBytes(18).toString('base64'), { mode: 0o600 });
  const ada = {
    RIOS_API_TOKEN: await signUp(apiUrl, 'ada@example.org'),
    RIOS_KEYSTORE: 'file',
    RIOS_QUIET: '1',
    RIOS_YES: '1',
    RIOS_WALLET_PASSWORD_FILE: passwordFile,
  };
  const { address } = (await riosJson(['wallet', 'create', '--name', 'ada'], ada)) as { address: string };
  await rios(['wallet', 'faucet', '--amount', '100'], ada);
  await rios(['wallet', 'deposit', DEPOSIT], ada);
  const client = createClient({ apiUrl, token: ada.RIOS_API_TOKEN });
  await until('the deposit', async () => BigInt((await client.getFunds()).balanceWei) >= parseRos(DEPOSIT));
  return { ada, wallet: address };
}

/** Each worker gets a wallet of its own, to which what it earns goes. Gives the wallets' addresses. */
async function bindWorkers(ada: Environment): Promise<string[]> {
  say('each worker is bound to a wallet');
  const folder = join(dirname(process.env.RIOS_HOME ?? ''), 'workers');
  const payouts: string[] = [];
  for (const name of WORKERS) {
    const { address } = (await riosJson(['wallet', 'create', '--name', name], ada)) as { address: string };
    payouts.push(address);
  }
  await rios(['wallet', 'use', 'ada'], ada);
  for (const [index, name] of WORKERS.entries()) {
    const args = ['--data-dir', join(folder, name), '--payout', payouts[index] ?? ''];
    await rios(['worker', 'register', ...args], ada);
  }
  return payouts;
}

/** Asks until the workers have had calls enough; gives how many calls of experts that were. */
async function ask({ apiUrl, model, timeoutMs }: Stage, ada: Environment): Promise<number> {
  say('Ada asks');
  const client = createClient({ apiUrl, token: ada.RIOS_API_TOKEN, timeoutMs });
  let calls = 0;
  while (calls < EXPERT_CALLS) {
    const body = { model, prompt: 'In the beginning', max_tokens: TOKENS, temperature: 0 };
    const { rios: run } = await client.createCompletion({ body });
    calls += (run?.workers ?? []).reduce((sum, { expertCalls }) => sum + expertCalls, 0);
  }
  return calls;
}

/** One voucher for all of it; gives what the network took out of the deposit with it, wei of ROS. */
async function pay({ escrow }: RosContracts, wallet: string, ada: Environment): Promise<string> {
  say('Ada pays: one voucher for all of it, which is collected');
  await rios(['billing', 'pay', '--yes'], ada);
  const spent = async () => (await escrow.account(wallet)).spent;
  return String(await until('the voucher to be collected', async () => (await spent()) || undefined));
}

/** Closes the epoch; a day later, on a chain whose time can be moved on, claims count. */
async function publish(
  { operator }: Stage,
  { rewards }: RosContracts,
): Promise<{ epoch: number; root: string }> {
  say('the epoch is closed, computed by two processes, and published');
  const { epoch } = (await riosJson(['epoch', 'close'])) as { epoch: number };
  const find = async () => {
    const view = await operator.getEpoch({ params: { epoch } });
    if (view.error !== null) throw new Error(`epoch ${epoch}: ${view.error}`);
    return view.state === 'published' ? view.facts?.root : undefined;
  };
  const root = await until('the epoch to be published', find);
  await rios(['dev', 'time', '--advance', '25h']);
  await until('the epoch to count', async () => (await rewards.live()).epoch === epoch);
  return { epoch, root };
}

/** Anyone may claim for anyone: Ada does for each worker. Gives what each wallet got, wei of ROS. */
async function claimAll(
  { token }: RosContracts,
  payouts: readonly string[],
  ada: Environment,
): Promise<DemoStory['paid']> {
  say('what each worker earned is claimed');
  const paid: { wallet: string; wei: string }[] = [];
  for (const wallet of payouts) {
    await rios(['wallet', 'claim', wallet], ada);
    const wei = await token.balanceOf(wallet);
    if (wei === 0n) throw new Error(`${wallet} got nothing`);
    paid.push({ wallet, wei: String(wei) });
  }
  return paid;
}

/** As a stranger: an empty home, no account; the public file and an RPC. */
async function audit(epoch: number, rpcUrl: string, scratch: string): Promise<boolean> {
  say('a stranger audits it');
  const file = join(scratch, 'epoch.receipts');
  await rios(['epoch', 'receipts', String(epoch), '--out', file]);
  const stranger = {
    RIOS_HOME: join(scratch, 'empty'),
    RIOS_API_TOKEN: '',
    RIOS_API_URL: '',
    RIOS_CHAIN_FILE: '',
  };
  const args = ['audit', '--epoch', String(epoch), '--file', file, '--rpc-url', rpcUrl];
  return ((await riosJson(args, stranger)) as { equal: boolean }).equal;
}

async function until<T>(what: string, find: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await setTimeout(100)) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`${what} did not come in ${WAIT_MS / 1000} s`);
}
