import type { Chain } from '@rios/sdk/chain/open-chain';
import type { ChainFile } from '@rios/sdk/chain/chain-file';
import type { RosContracts } from '@rios/sdk/chain/contracts';
import type { Signer } from 'ethers';
import type { Target } from '../actions/connect.ts';

/** Which chain, and how long its RPC may take. */
export interface ChainTarget extends Target {
  /** --rpc-url; else RIOS_RPC_URL, the context's rpcUrl, the chain file's. */
  readonly rpcUrl?: string | undefined;
  /** --chain-file; else what the context's orchestrator answers to GET /v1/chain. */
  readonly chainFile?: string | undefined;
  /** Of the command: for each call of the orchestrator, and for a transaction to come through. */
  readonly timeoutMs?: number | undefined;
}

/** A chain whose id and contracts were checked. */
export interface OpenedChain {
  readonly chain: Chain;
  readonly contracts: RosContracts;
  readonly file: ChainFile;
  close(): void;
}

/** Which wallet, and where its password comes from. */
export interface AccountTarget extends ChainTarget {
  /** --wallet; else the one in use. */
  readonly wallet?: string | undefined;
  readonly passwordStdin: boolean;
  readonly canAsk: boolean;
}

/** A wallet on a chain. Its address is known at once; its key is read when something is to be signed. */
export interface Account extends OpenedChain {
  readonly name: string;
  readonly address: string;
  /** Unlocks the wallet the first time. @throws RiosError WALLET_PASSWORD, WALLET_KEYSTORE */
  signer(): Promise<Signer>;
}

/**
 * Finds and opens the chain that flags, environment and context name.
 * @throws RiosError CHAIN_ABSENT, CHAIN_WRONG_ID, CHAIN_UNSUPPORTED (no contract at an address), CHAIN_UNREACHABLE
 */
export declare function openWalletChain(target: ChainTarget): Promise<OpenedChain>;

/** The same with the wallet in use. @throws RiosError WALLET_NOT_FOUND beside those */
export declare function openAccount(target: AccountTarget): Promise<Account>;
