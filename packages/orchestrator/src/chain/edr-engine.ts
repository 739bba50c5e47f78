import type { EdrContext } from '@nomicfoundation/edr';
import { RiosError } from '@rios/sdk/errors/error';
import type { RpcAnswer, RpcCall } from './dev-chain.ts';

/** An account that has money from the beginning. */
export interface GenesisAccount {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** In wei of the chain's own coin. */
  readonly balance: bigint;
}

export interface EngineOptions {
  readonly chainId: number;
  /** Seconds since 1970 of the first block. */
  readonly genesisTime: number;
  readonly accounts: readonly GenesisAccount[];
}

/** Runs blocks and answers calls, in memory. The only file that knows EDR: its interface is not declared stable. */
export interface ChainEngine {
  readonly version: string;
  request(call: RpcCall): Promise<RpcAnswer>;
}

export const HARDFORK = 'cancun';
/** EDR bears one context in a process, for all its chains. */
let context: Promise<EdrContext> | undefined;

async function createContext(edr: Edr): Promise<EdrContext> {
  const made = new edr.EdrContext();
  await made.registerProviderFactory(edr.L1_CHAIN_TYPE, edr.l1ProviderFactory());
  return made;
}

type Edr = Awaited<ReturnType<typeof loadEdr>>;

const BLOCK_GAS = 30_000_000n;
/** One gwei, as on other chains for development; wallets take a base fee of 0 for none. */
const INITIAL_BASE_FEE = 10n ** 9n;

/** @throws RiosError RUNTIME_NODE_UNSUPPORTED when its binary is not there */
export async function createEdrEngine(options: EngineOptions): Promise<ChainEngine> {
  const edr = await loadEdr();
  context ??= createContext(edr);
  const provider = await (await context).createProvider(
    edr.L1_CHAIN_TYPE,
    {
      allowBlocksWithSameTimestamp: false,
      allowUnlimitedContractSize: false,
      bailOnCallFailure: true,
      bailOnTransactionFailure: false,
      chainId: BigInt(options.chainId),
      networkId: BigInt(options.chainId),
      coinbase: new Uint8Array(20),
      defaultTransactionGasLimit: BLOCK_GAS,
      genesisState: [...edr.l1GenesisState(edr.l1HardforkFromString(HARDFORK)), ...options.accounts],
      hardfork: HARDFORK,
      initialBaseFeePerGas: INITIAL_BASE_FEE,
      minGasPrice: 0n,
      mining: { autoMine: true, blockGasLimit: BLOCK_GAS, memPool: { order: edr.MineOrdering.Fifo } },
      network: { genesisBlockGasLimit: BLOCK_GAS, genesisBlockTime: BigInt(options.genesisTime) },
      observability: {},
      // nobody's keys are here: only what its sender signed is taken
      ownedAccounts: [],
      precompileOverrides: [],
    },
    { enable: false, decodeConsoleLogInputsCallback: () => [], printLineCallback: () => {} },
    { subscriptionCallback: () => {} },
    new edr.ContractDecoder(),
  );
  let id = 0;
  return {
    version: EDR_VERSION,
    request: async ({ method, params }) => {
      const text = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params });
      const { data } = await provider.handleRequest(text);
      return answerOf(typeof data === 'string' ? JSON.parse(data) : data);
    },
  };
}

/** Pinned in package.json: a chain is not promised to have the same blocks under another version. */
export const EDR_VERSION = '0.22.0';

function answerOf(answer: {
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}): RpcAnswer {
  const { error } = answer;
  if (error === undefined) return { result: answer.result ?? null };
  const data = isRecord(error.data) && 'data' in error.data ? error.data.data : error.data;
  return { error: { code: error.code, message: error.message, ...(data === undefined ? {} : { data }) } };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

async function loadEdr() {
  try {
    return (await import('@nomicfoundation/edr')).default;
  } catch (cause) {
    throw new RiosError('RUNTIME_NODE_UNSUPPORTED', 'the dev chain’s engine has no binary for this system', {
      hint: 'Install RiOS under Node >= 22.18; there are binaries for Linux, macOS and Windows on x64.',
      cause,
    });
  }
}
