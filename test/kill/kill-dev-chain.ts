import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callRpc } from '../support/json-rpc.ts';
import { type LineProcess, startProcess } from '../support/line-process.ts';
import { RIOS_ORCHESTRATOR } from '../support/rios.ts';
import { type Acknowledged, countOf, sendersOf, sendUntilGone } from './dev-chain-sender.ts';
import { createSeededRandom } from './seeded-random.ts';

export interface KillDevChainOptions {
  readonly dataDir: string;
  readonly kills: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

export interface KillDevChainReport {
  readonly kills: number;
  /** Of them, before the chain was ready: in the middle of its start or of its deployment. */
  readonly beforeReady: number;
  readonly acknowledged: number;
  /** What was lost, one sentence each. */
  readonly wrong: readonly string[];
}

/** Of the kills, how many are in the middle of a start; and how late the latest are, in a start or after it. */
const START_SHARE = 0.25;
const LONGEST_START_MS = 1000;
const LONGEST_LIFE_MS = 600;

/** When a chain is killed: so long after its start, or after it was ready. */
interface Death {
  readonly after: 'start' | 'ready';
  readonly delayMs: number;
}

const startChain = (dataDir: string): LineProcess =>
  startProcess(RIOS_ORCHESTRATOR, ['chain', '--data-dir', dataDir, '--log-level', 'warn']);

/**
 * Starts a dev chain and kills it (SIGKILL) at a random moment while three senders send as fast as it answers; again
 * and again on one directory. Then looks for everything that was acknowledged.
 */
export async function killDevChain(options: KillDevChainOptions): Promise<KillDevChainReport> {
  const { dataDir, kills, seed, log } = options;
  const random = createSeededRandom(seed);
  const acknowledged: Acknowledged[] = [];
  let beforeReady = 0;
  for (let kill = 1; kill <= kills; kill++) {
    const after = random.next() < START_SHARE ? 'start' : 'ready';
    const delayMs = Math.floor(random.next() * (after === 'start' ? LONGEST_START_MS : LONGEST_LIFE_MS));
    const before = acknowledged.length;
    const wasReady = await liveAndDie(dataDir, { after, delayMs }, acknowledged);
    if (!wasReady) beforeReady++;
    log(`kill ${kill}, ${delayMs} ms after ${after}: ${acknowledged.length - before} acknowledged`);
  }
  const wrong = await findLost(dataDir, acknowledged);
  return { kills, beforeReady, acknowledged: acknowledged.length, wrong };
}

/** One life; gives whether the chain was ready before its end. Rejects when it ended by itself. */
async function liveAndDie(dataDir: string, death: Death, acknowledged: Acknowledged[]): Promise<boolean> {
  const chain = startChain(dataDir);
  let timer: NodeJS.Timeout | undefined;
  const dieSoon = () => {
    timer = setTimeout(() => void chain.kill('SIGKILL'), death.delayMs);
  };
  if (death.after === 'start') dieSoon();
  try {
    const ready = await Promise.race([chain.waitFor('ready').catch(() => undefined), chain.whenExited]);
    const wasReady = ready !== undefined && 'rpcUrl' in ready;
    if (wasReady) {
      if (death.after === 'ready') dieSoon();
      const senders = sendersOf(await readMnemonic(dataDir));
      const onAcknowledged = (one: Acknowledged) => acknowledged.push(one);
      await Promise.all(senders.map((sender) => sendUntilGone(String(ready.rpcUrl), sender, onAcknowledged)));
    }
    const { code, signal } = await chain.whenExited;
    if (signal === 'SIGKILL') return wasReady;
    throw new Error(
      `the chain ended by itself with ${code}: ${JSON.stringify(chain.events)}\n${chain.log()}`,
    );
  } finally {
    clearTimeout(timer);
    await chain.kill('SIGKILL');
  }
}

const readMnemonic = async (dataDir: string): Promise<string> =>
  (await readFile(join(dataDir, 'chain.mnemonic'), 'utf8')).trim();

/** Every acknowledged transaction has a receipt, and no account has a hole in its nonces. */
async function findLost(dataDir: string, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const chain = startChain(dataDir);
  try {
    const rpcUrl = String((await chain.waitFor('ready')).rpcUrl);
    const wrong: string[] = [];
    for (const { hash, from, nonce } of acknowledged) {
      const { result } = await callRpc(rpcUrl, 'eth_getTransactionReceipt', [hash]);
      const { status } = (result ?? {}) as { status?: string };
      if (status !== '0x1') wrong.push(`transaction ${nonce} of ${from} is lost: ${hash}`);
    }
    for (const from of new Set(acknowledged.map((one) => one.from))) {
      const nonces = acknowledged.filter((one) => one.from === from).map(({ nonce }) => nonce);
      const count = await countOf(rpcUrl, from);
      if (count <= Math.max(...nonces))
        wrong.push(`${from} has ${count} transactions, fewer than acknowledged`);
      if (new Set(nonces).size !== nonces.length) wrong.push(`${from} used a nonce twice`);
    }
    return wrong;
  } finally {
    await chain.stop();
  }
}
