import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { type BlockMaker, createBlockMaker, mine, readBlock } from './blocks.ts';
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
  let kept = journal;
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
    kept ??= await createJournal(options.journalFile, header);
    await replay(engine, kept);
    return await chainOn(engine, kept, chainId, clock);
  } catch (error) {
    await kept?.close();
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

async function chainOn(
  engine: ChainEngine,
  journal: Journal,
  chainId: number,
  clock: Clock,
): Promise<DevChain> {
  const blocks = await createBlockMaker(engine, journal, clock);
  let turn: Promise<unknown> = Promise.resolve();
  let stopped = false;
  /** What is in memory must not be seen any more when it is not on the disk. */
  let failure: RiosError | undefined;
  void blocks.failed.then((error) => {
    failure = error;
  });
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(() => {
      if (failure !== undefined) throw failure;
      if (stopped) throw new RiosError('SERVICE_UNAVAILABLE', 'the dev chain stops');
      return work();
    });
    turn = next.catch(() => {});
    return next;
  };
  return {
    chainId,
    failed: blocks.failed,
    head: () => inTurn(() => readHead(engine)),
    request: (call) => inTurn(() => perform(call, engine, blocks)),
    stop: async () => {
      stopped = true;
      await turn;
      await journal.close();
    },
  };
}

async function readHead(engine: ChainEngine) {
  const { height, hash } = await readBlock(engine, 'latest');
  return { height, hash };
}

async function perform(call: RpcCall, engine: ChainEngine, blocks: BlockMaker): Promise<RpcAnswer> {
  switch (kindOf(call.method)) {
    case 'read':
      return engine.request(call);
    case 'send': {
      const raw = readRaw(call.params);
      return raw === undefined ? { error: invalidParams('no signed transaction') } : blocks.add(raw);
    }
    case 'increaseTime': {
      const seconds = readSeconds(call.params);
      if (seconds === undefined) return { error: invalidParams('no number of seconds') };
      const ahead = await blocks.advance(seconds);
      return ahead === undefined ? { error: invalidParams('that is too far ahead') } : { result: ahead };
    }
    case 'mine':
      return blocks.add(null);
    case 'refused':
      return { error: refusal(call) };
  }
}
