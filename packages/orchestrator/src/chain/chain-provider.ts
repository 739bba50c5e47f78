import { BrowserProvider } from 'ethers';
import type { DevChain } from './dev-chain.ts';

/** A chain of this process as ethers sees it (EIP-1193): no HTTP in between, nothing remembered between calls. */
export function createChainProvider(chain: Pick<DevChain, 'chainId' | 'request'>): BrowserProvider {
  const request = async ({ method, params = [] }: { method: string; params?: unknown[] | object }) => {
    const answer = await chain.request({ method, params: Array.isArray(params) ? params : [params] });
    if ('result' in answer) return answer.result;
    // ethers reads code and data of what is thrown
    throw Object.assign(new Error(answer.error.message), answer.error);
  };
  const provider = new BrowserProvider({ request }, chain.chainId, { cacheTimeout: -1 });
  provider.pollingInterval = 5;
  return provider;
}
