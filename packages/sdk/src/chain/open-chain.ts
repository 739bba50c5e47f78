import { type JsonRpcApiProvider, Network } from 'ethers';
import { type Clock, systemClock } from '../clock.ts';
import { RiosError } from '../errors/error.ts';
import { createAnswerCheck } from './rpc-answer.ts';
import { RpcProvider } from './rpc-provider.ts';
import { badAnswer, createRpcTransport, type RpcTransport } from './rpc-transport.ts';

export interface ChainOptions {
  /** http or https; may hold a key of the RPC, so no more than its host is ever shown. */
  readonly rpcUrl: string;
  /** The chain that must answer there; left out = whichever does. */
  readonly chainId?: number;
  /** How deep a block must lie before it counts: blocks on top of it, or the chain's own `finalized` tag. */
  readonly confirmations: number | 'finalized';
  /** A dev chain makes blocks at once and takes none back. */
  readonly isDevChain: boolean;
  /** Deadline of one call to the RPC, milliseconds; 10,000 when left out. */
  readonly timeoutMs?: number;
}

/** When a transaction counts as done, and how often to ask. */
export interface ChainPolicy {
  readonly confirmations: number | 'finalized';
  readonly isDevChain: boolean;
  readonly pollMs: number;
}

/** A chain behind a JSON-RPC whose answers are bounded, timed and checked for contradictions. */
export interface Chain {
  /** Of ethers. Its calls throw RiosError CHAIN_UNREACHABLE, CHAIN_TIMEOUT or CHAIN_BAD_ANSWER, or ethers' own errors. */
  readonly provider: JsonRpcApiProvider;
  readonly chainId: number;
  readonly policy: ChainPolicy;
  readonly clock: Clock;
  /** Breaks off what is under way. Idempotent. */
  close(): void;
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** Machines behind one public address are some blocks apart. */
const HEAD_TOLERANCE = 8;
const DEV_POLL_MS = 20;
const POLL_MS = 2_000;

/**
 * Connects to an Ethereum-compatible RPC and checks that it is the chain that is meant.
 * @throws RiosError CHAIN_WRONG_ID, CHAIN_UNREACHABLE, CHAIN_TIMEOUT, CHAIN_BAD_ANSWER, USER_INVALID_REQUEST (URL)
 */
export async function openChain(options: ChainOptions, clock: Clock = systemClock): Promise<Chain> {
  const { confirmations, isDevChain, timeoutMs = TIMEOUT_MS } = options;
  const url = readUrl(options.rpcUrl);
  const transport = createRpcTransport({ url, timeoutMs, maxBytes: MAX_ANSWER_BYTES }, clock);
  const chainId = await readChainId(transport, options.chainId);
  const pollMs = isDevChain ? DEV_POLL_MS : POLL_MS;
  const check = createAnswerCheck({ chainId, headTolerance: isDevChain ? 0 : HEAD_TOLERANCE });
  const provider = new RpcProvider(transport, check, { network: new Network('chain', chainId), pollMs });
  return {
    provider,
    chainId,
    policy: { confirmations, isDevChain, pollMs },
    clock,
    close: () => provider.destroy(),
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url !== undefined && isHttp && url.username === '' && url.password === '') return url;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    'the RPC of a chain is an http or https URL without a password',
    {
      hint: 'Write --rpc-url like http://127.0.0.1:8545 or https://host/path.',
    },
  );
}

async function readChainId(transport: RpcTransport, expected: number | undefined): Promise<number> {
  const request = { id: 0, method: 'eth_chainId', params: [] };
  const answer = await transport.call(request);
  if ('error' in answer) {
    throw new RiosError(
      'CHAIN_BAD_ANSWER',
      `the RPC does not say which chain it is: ${answer.error.message}`,
    );
  }
  createAnswerCheck({ chainId: expected, headTolerance: 0 })(request, answer.result);
  const chainId = Number(answer.result);
  if (Number.isSafeInteger(chainId) && chainId > 0) return chainId;
  throw badAnswer('it is no id of a chain', request);
}
