import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { DevChain, RpcAnswer, RpcCall } from './dev-chain.ts';
import {
  type ChainEngine,
  createEdrEngine,
  EDR_VERSION,
  type GenesisAccount,
  HARDFORK,
} from './edr-engine.ts';
import { createJournal, type Journal, type JournalHeader, openJournal } from './journal.ts';
import { invalidParams, kindOf, readRaw, readSeconds, refusal } from './rpc-rules.ts';

export interface DevChainOptions {
  readonly journalFile: string;
  readonly chainId: number;
  /** Accounts that have the chain's own coin from the beginning. */
  readonly accounts: readonly GenesisAccount[];
  /** Of the database that follows the chain. */
  readonly storeId: string;
}

/**
 * Opens the chain of a journal, or begins one. Every block is computed anew from the signed transactions and must
 * come out with the hash that was recorded. The caller holds the lock of the journal's directory.
 * @throws RiosError CHAIN_JOURNAL when the journal is damaged, of another engine, or of another database
 */
export async function createDevChain(options: DevChainOptions, clock: Clock): Promise<DevChain> {
  const journal = await openJournal(options.journalFile);
  const genesisTime = journal?.header.genesisTime ?? Math.floor(clock.now() / 1000);
  const { chainId, accounts } = options;
  try {
    const engine = await createEdrEngine({ chainId, accounts, genesisTime });
    const genesis = await readBlock(engine, '0x0');
    const header: JournalHeader = {
      format: 'rios-dev-chain/1',
      engine: `edr ${EDR_VERSION}`,
      hardfork: HARDFORK,
      chainId,
      genesisTime,
      genesisHash: genesis.hash,
      storeId: options.storeId,
    };
    if (journal !== undefined) checkHeader(journal.header, header);
    const kept = journal ?? (await createJournal(options.journalFile, header));
    await replay(engine, kept);
    return chainOn(engine, kept, chainId, clock);
  } catch (error) {
    await journal?.close();
    throw error;
  }
}

function checkHeader(found: JournalHeader, expected: JournalHeader): void {
  for (const [key, value] of Object.entries(expected)) {
    const was = found[key as keyof JournalHeader];
    if (was === value) continue;
    throw new RiosError('CHAIN_JOURNAL', `the dev chain was made with another ${key}`, {
      details: { key, journal: was, now: value },
    });
  }
}

async function replay(engine: ChainEngine, { entries }: Journal): Promise<void> {
  for (const [index, { timestamp, raw, hash }] of entries.entries()) {
    await mine(engine, timestamp, raw);
    const last = index === entries.length - 1;
    if (!last && (index + 1) % 256 !== 0) continue;
    const block = await readBlock(engine, 'latest');
    if (block.height === index + 1 && block.hash === hash) continue;
    throw new RiosError('CHAIN_JOURNAL', `block ${index + 1} of the dev chain comes out otherwise`, {
      details: { height: index + 1, recorded: hash, computed: block.hash },
    });
  }
}

interface Block {
  readonly height: number;
  readonly hash: string;
  readonly timestamp: number;
}

async function readBlock(engine: ChainEngine, tag: string): Promise<Block> {
  const answer = await engine.request({ method: 'eth_getBlockByNumber', params: [tag, false] });
  if ('error' in answer) throw new RiosError('BUG_UNEXPECTED', `the dev chain has no block ${tag}`);
  const { number, hash, timestamp } = answer.result as { number: string; hash: string; timestamp: string };
  return { height: Number(number), hash, timestamp: Number(timestamp) };
}

/** Makes the block of that time: with the transaction, or empty. */
async function mine(engine: ChainEngine, timestamp: number, raw: string | null): Promise<RpcAnswer> {
  await engine.request({ method: 'evm_setNextBlockTimestamp', params: [timestamp] });
  return raw === null
    ? engine.request({ method: 'evm_mine', params: [] })
    : engine.request({ method: 'eth_sendRawTransaction', params: [raw] });
}

function chainOn(engine: ChainEngine, journal: Journal, chainId: number, clock: Clock): DevChain {
  /** How far the chain's time is ahead of the clock, seconds. */
  let aheadSeconds = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let stopped = false;
  /** Set when a block could not be kept: what is in memory must not be seen any more. */
  let failure: unknown;

  const addBlock = async (raw: string | null): Promise<RpcAnswer> => {
    const before = await readBlock(engine, 'latest');
    const now = Math.floor(clock.now() / 1000) + aheadSeconds;
    const timestamp = Math.max(before.timestamp + 1, now);
    const answer = await mine(engine, timestamp, raw);
    const after = await readBlock(engine, 'latest');
    if (after.height === before.height) return answer;
    try {
      await journal.append({ timestamp, raw, hash: after.hash });
    } catch (error) {
      failure = error;
      throw error;
    }
    return answer;
  };
  const perform = async (call: RpcCall): Promise<RpcAnswer> => {
    if (failure !== undefined) throw failure;
    if (stopped) return { error: { code: -32_000, message: 'the dev chain stops' } };
    switch (kindOf(call.method)) {
      case 'read':
        return engine.request(call);
      case 'send': {
        const raw = readRaw(call.params);
        return raw === undefined ? { error: invalidParams('no signed transaction') } : addBlock(raw);
      }
      case 'increaseTime': {
        const seconds = readSeconds(call.params);
        if (seconds === undefined) return { error: invalidParams('no number of seconds') };
        aheadSeconds += seconds;
        return { result: aheadSeconds };
      }
      case 'mine':
        return addBlock(null);
      case 'refused':
        return { error: refusal(call) };
    }
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => {});
    return mine;
  };
  const begin = async () => {
    const { timestamp } = await readBlock(engine, 'latest');
    aheadSeconds = Math.max(0, timestamp - Math.floor(clock.now() / 1000));
  };
  turn = begin();
  return {
    chainId,
    head: () =>
      inTurn(async () => {
        const { height, hash } = await readBlock(engine, 'latest');
        return { height, hash };
      }),
    request: (call) => inTurn(() => perform(call)),
    stop: async () => {
      if (stopped) return;
      stopped = true;
      await turn;
      await journal.close();
    },
  };
}
