import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import { z } from 'zod';
import type { Progress } from '../../progress/progress.ts';
import type { Children, ReadyChild } from './children.ts';
import type { DevOptions } from './options.ts';

/** Where the dev chain of a network keeps what. */
export const chainDirOf = (dataDir: string): string => join(dataDir, 'chain');

/** The chain file; the orchestrator looks for it there from its start, and it comes when the chain is ready. */
export const chainFileOf = (dataDir: string): string => join(chainDirOf(dataDir), 'chain.json');

/** What a run that was killed left behind names an RPC that is gone. */
export const forgetChain = (dataDir: string): Promise<void> => rm(chainFileOf(dataDir), { force: true });

const readySchema = z.object({ rpcUrl: z.url(), chainFile: z.string() });

export interface StartedChain extends z.infer<typeof readySchema> {
  readonly child: ReadyChild;
}

/**
 * Starts the dev chain that belongs to that database; undefined, and said, where its engine has no binary for this
 * system: the network works without. @throws RiosError CHAIN_JOURNAL, CONFLICT_IN_USE, API_TIMEOUT
 */
export async function startChain(
  options: DevOptions,
  storeId: string,
  children: Children,
  progress: Progress,
): Promise<StartedChain | undefined> {
  if (!options.chain) return undefined;
  try {
    const child = await children.start({
      program: 'orchestrator',
      name: 'chain',
      args: ['chain', `--data-dir=${chainDirOf(options.dataDir)}`, '--port=0', `--store-id=${storeId}`],
      timeoutMs: options.startTimeoutMs,
      signal: options.signal,
    });
    const ready = readySchema.safeParse(child.ready);
    if (ready.success) return { child, ...ready.data };
    throw new RiosError('BUG_UNEXPECTED', 'the dev chain became ready without an address');
  } catch (error) {
    if (!hasCode(error, 'RUNTIME_NODE_UNSUPPORTED')) throw error;
    progress.note(`no dev chain: ${error.message}`);
    return undefined;
  }
}
