import type { ChainFile } from '@rios/sdk/chain/chain-file';
import { parseRpcUrl } from '@rios/sdk/config/connection';
import type { ChainTarget } from './open.ts';

/** A chain and its contracts as they were named: not yet checked. */
export interface FoundChain {
  readonly file: ChainFile;
  readonly rpcUrl: string;
}

/**
 * The addresses come from --chain-file, else from the orchestrator. The RPC is --rpc-url, RIOS_RPC_URL, that of the
 * context (not beside a chain file), or the one named with the addresses.
 * @throws RiosError CHAIN_ABSENT, USER_INVALID_REQUEST, NOT_FOUND_FILE, AUTH_REQUIRED, API_UNREACHABLE
 */
export async function findChain(
  target: ChainTarget,
  env: NodeJS.ProcessEnv = process.env,
): Promise<FoundChain> {
  const given = [target.rpcUrl, env.RIOS_RPC_URL].find((url) => url !== undefined && url !== '');
  const { file, contextRpcUrl } = await findFile(target);
  return { file, rpcUrl: parseRpcUrl(given ?? contextRpcUrl ?? file.rpcUrl) };
}

async function findFile(target: ChainTarget) {
  if (target.chainFile !== undefined) {
    const { readChainFile } = await import('@rios/sdk/chain/chain-file');
    return { file: await readChainFile(target.chainFile), contextRpcUrl: undefined };
  }
  const { clientOf, reach } = await import('../actions/connect.ts');
  const reached = await reach(target);
  const file = await clientOf(reached, target.timeoutMs).getChain({});
  return { file, contextRpcUrl: reached.connection.rpcUrl };
}
