import { type ChainFile, readChainFile } from '@rios/sdk/chain/chain-file';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';

export interface ChainSourceOptions {
  /** Path of the chain file; undefined = this network has no chain. */
  readonly file: string | undefined;
  /** An RPC for the orchestrator alone, in place of the file's; it may hold a secret, so it is told nobody. */
  readonly rpcUrl: string | undefined;
}

/** The chain that an orchestrator follows. */
export interface FollowedChain {
  /** What everybody may know. */
  readonly file: ChainFile;
  /** Where the orchestrator itself asks. */
  readonly rpcUrl: string;
}

/** Which chain there is to follow, now: a chain file may come, or change, while the orchestrator runs. */
export interface ChainSource {
  /** Undefined while there is none. */
  find(): Promise<FollowedChain | undefined>;
  /** What `GET /v1/chain` says. @throws RiosError CHAIN_ABSENT */
  describe(): Promise<ChainFile>;
}

/**
 * Reads the chain file whenever it is asked for. One that is not there yet is no error: the contracts may still have
 * to be deployed. @throws RiosError USER_INVALID_REQUEST when it is damaged now
 */
export async function openChainSource(options: ChainSourceOptions, log: Log): Promise<ChainSource> {
  const { file, rpcUrl } = options;
  const read = async (path: string): Promise<ChainFile | undefined> => {
    try {
      return await readChainFile(path);
    } catch (error) {
      if (hasCode(error, 'NOT_FOUND_FILE')) return undefined;
      throw error;
    }
  };
  let told = '';
  let last = file === undefined ? undefined : await read(file);
  const find = async (): Promise<FollowedChain | undefined> => {
    if (file === undefined) return undefined;
    try {
      last = await read(file);
      told = '';
    } catch (error) {
      const reason = String(error);
      // it is asked for every second: said once
      if (reason !== told) log.warn('the chain file cannot be read: the last one holds', { file, reason });
      told = reason;
    }
    return last === undefined ? undefined : { file: last, rpcUrl: rpcUrl ?? last.rpcUrl };
  };
  return {
    find,
    describe: async () => {
      const found = await find();
      if (found !== undefined) return found.file;
      throw new RiosError('CHAIN_ABSENT', 'this network settles on no chain');
    },
  };
}
