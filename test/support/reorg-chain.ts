import { type ChainEngine, createEdrEngine } from '../../packages/orchestrator/src/chain/edr-engine.ts';
import { CHAIN_ID, startTestChain, type TestChain } from './test-chain.ts';

/** A test chain that can take blocks back: the engine of the dev chain without its journal. */
export interface ReorgChain extends TestChain {
  /** Remembers the chain as it is. */
  snapshot(): Promise<string>;
  /** Takes back every block since, and makes empty ones in their place, with other hashes. */
  reorganise(snapshot: string, blocks: number): Promise<void>;
  /** Empty blocks. */
  mine(blocks: number): Promise<void>;
  /** Hands a signed transaction to the chain, as a node of the network would. */
  relay(raw: string): Promise<void>;
}

/** Far more blocks than a test takes back: several machines answer behind some addresses. */
const REAL = { isDevChain: false } as const;

export async function startReorgChain(): Promise<ReorgChain> {
  const opened = Promise.withResolvers<ChainEngine>();
  const world = await startTestChain(async (accounts) => {
    const genesisTime = Math.floor(Date.now() / 1000);
    const made = await createEdrEngine({ chainId: CHAIN_ID, genesisTime, accounts });
    opened.resolve(made);
    return { request: made.request, stop: async () => {} };
  }, REAL);
  const engine = await opened.promise;
  const call = async (method: string, params: readonly unknown[] = []): Promise<unknown> => {
    const answer = await engine.request({ method, params });
    if ('error' in answer) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result;
  };
  const mine = async (blocks: number) => {
    for (let count = 0; count < blocks; count++) await call('evm_mine');
  };
  return {
    ...world,
    mine,
    snapshot: async () => String(await call('evm_snapshot')),
    reorganise: async (snapshot, blocks) => {
      await call('evm_revert', [snapshot]);
      // another time makes another block
      await call('evm_increaseTime', [7]);
      await mine(blocks);
    },
    relay: async (raw) => {
      await call('eth_sendRawTransaction', [raw]);
    },
  };
}
