import type { ChainFile } from '@rios/sdk/chain/chain-file';
import type { RosContracts } from '@rios/sdk/chain/contracts';
import type { Chain } from '@rios/sdk/chain/open-chain';
import type { Target } from '../actions/connect.ts';
import type { Asking } from '../prompts/confirm.ts';
import type { unlockWallet } from './unlock.ts';

/** Which chain, and how long its RPC may take. */
export interface ChainTarget extends Target {
  /** --rpc-url; else RIOS_RPC_URL, the context's rpcUrl, the chain file's. */
  readonly rpcUrl?: string | undefined;
  /** --chain-file; else what the context's orchestrator answers to GET /v1/chain. */
  readonly chainFile?: string | undefined;
  /** --timeout: for each call, and for a transaction to come through. */
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
  readonly asking: Asking;
}

/** What signs for a wallet. */
export type WalletSigner = Awaited<ReturnType<typeof unlockWallet>>;

/** A wallet on a chain. Its address is known at once; its key is read when something is to be signed. */
export interface Account extends OpenedChain {
  readonly name: string;
  readonly address: string;
  /** Unlocks the wallet the first time. @throws RiosError WALLET_PASSWORD, WALLET_KEYSTORE, USER_INPUT_NEEDED */
  signer(): Promise<WalletSigner>;
}

/** Longest that one call to an RPC may take. */
const CALL_MS = 10_000;

/**
 * Finds and opens the chain that flags, environment and context name.
 * @throws RiosError CHAIN_ABSENT, CHAIN_WRONG_ID, CHAIN_UNSUPPORTED (no contract at an address), CHAIN_UNREACHABLE,
 * CHAIN_TIMEOUT, CHAIN_BAD_ANSWER
 */
export async function openWalletChain(target: ChainTarget): Promise<OpenedChain> {
  const { findChain } = await import('./find-chain.ts');
  const { file, rpcUrl } = await findChain(target);
  const { openChain } = await import('@rios/sdk/chain/open-chain');
  const { openContracts } = await import('@rios/sdk/chain/contracts');
  const { chainId, confirmations, isDevChain, addresses } = file;
  const timeoutMs = Math.min(target.timeoutMs ?? CALL_MS, CALL_MS);
  const chain = await openChain({ rpcUrl, chainId, confirmations, isDevChain, timeoutMs });
  try {
    const contracts = await openContracts(chain, addresses);
    return { chain, contracts, file, close: () => chain.close() };
  } catch (error) {
    chain.close();
    throw error;
  }
}

/** The same with the wallet in use. @throws RiosError WALLET_NOT_FOUND beside those */
export async function openAccount(target: AccountTarget): Promise<Account> {
  const { findWallet, unlockWallet } = await import('./unlock.ts');
  const { name, address } = await findWallet(target);
  const opened = await openWalletChain(target);
  let unlocked: Promise<WalletSigner> | undefined;
  const signer = () => {
    unlocked ??= unlockWallet(target);
    return unlocked;
  };
  return { ...opened, name, address, signer };
}
