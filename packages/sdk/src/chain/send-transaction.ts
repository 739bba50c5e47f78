import { type Signer, Transaction } from 'ethers';
import { RiosError } from '../errors/error.ts';
import { chainError } from './chain-error.ts';
import { missingCoin } from './missing-coin.ts';
import type { Chain } from './open-chain.ts';
import { pause } from './pause.ts';
import { maxCostOf, type PreparedTransaction, type SentTransaction } from './prepared-transaction.ts';

export interface SendOptions {
  /**
   * Called with the signed text before anybody else sees it: store it here, so that a restart sends the same bytes.
   * Nothing is sent when it throws.
   */
  readonly onSigned: (raw: string, hash: string) => Promise<void> | void;
}

/** How often the same bytes are sent while the RPC does not answer, and how long to wait in between. */
const ATTEMPTS = 3;
const PAUSE_MS = 500;

/**
 * Signs, hands the signed text out to be stored, and sends it. A connection that breaks in the middle is answered by
 * sending the same bytes again.
 * @throws RiosError CHAIN_NONCE, CHAIN_UNDERPRICED, QUOTA_BALANCE, CHAIN_UNREACHABLE, CHAIN_TIMEOUT, CHAIN_BAD_ANSWER
 * (each with details.hash: the last three leave open whether it was sent), USER_INVALID_REQUEST (another signer)
 */
export async function sendTransaction(
  chain: Chain,
  signer: Signer,
  prepared: PreparedTransaction,
  { onSigned }: SendOptions,
): Promise<SentTransaction> {
  if (prepared.chainId !== chain.chainId) {
    const details = { expected: prepared.chainId, actual: chain.chainId };
    throw new RiosError('CHAIN_WRONG_ID', 'the transaction was prepared for another chain', { details });
  }
  if ((await signer.getAddress()) !== prepared.from) {
    throw new RiosError('USER_INVALID_REQUEST', `the transaction is to be signed by ${prepared.from}`);
  }
  const raw = await signer.signTransaction(requestOf(prepared));
  checkSigned(raw, prepared);
  const { hash } = readSigned(raw, prepared.what);
  await onSigned(raw, hash);
  return broadcastTransaction(chain, raw);
}

/**
 * Sends a signed transaction (again); the same bytes are the same transaction, however often they are sent.
 * @throws as sendTransaction
 */
export async function broadcastTransaction(chain: Chain, raw: string): Promise<SentTransaction> {
  const signed = readSigned(raw, '');
  const { hash, from, nonce } = signed;
  const sent = { hash, raw, from, nonce };
  for (let attempt = 1; ; attempt++) {
    try {
      await chain.provider.send('eth_sendRawTransaction', [raw]);
      return sent;
    } catch (error) {
      const known = chainError(error);
      if (isThereAlready(known) || (await isOnChain(chain, hash))) return sent;
      if (!isOpen(known) || attempt === ATTEMPTS)
        throw withHash(await withMissing(chain, signed, known), sent);
    }
    await pause(chain.clock, chain.policy.isDevChain ? chain.policy.pollMs : PAUSE_MS);
  }
}

/** Reads a signed transaction back. Pure. @throws RiosError USER_INVALID_REQUEST */
export function readSigned(raw: string, what: string): PreparedTransaction & { readonly hash: string } {
  const transaction = parseSigned(raw);
  const { hash, from, to, data, value, gasLimit, nonce, chainId } = transaction;
  const { maxFeePerGas, maxPriorityFeePerGas } = transaction;
  if (
    hash === null ||
    from === null ||
    to === null ||
    maxFeePerGas === null ||
    maxPriorityFeePerGas === null
  ) {
    throw new RiosError('USER_INVALID_REQUEST', 'this is no signed transaction of ours');
  }
  const fees = { maxFeePerGas, maxPriorityFeePerGas };
  const maxCostWei = maxCostOf(gasLimit, fees, value);
  return {
    hash,
    chainId: Number(chainId),
    from,
    to,
    what,
    data,
    value,
    gasLimit,
    nonce,
    ...fees,
    maxCostWei,
  };
}

function parseSigned(raw: string): Transaction {
  try {
    return Transaction.from(raw);
  } catch (cause) {
    throw new RiosError('USER_INVALID_REQUEST', 'this is no signed transaction', { cause });
  }
}

const requestOf = ({ to, data, value, gasLimit, nonce, chainId, ...fees }: PreparedTransaction) => ({
  type: 2,
  chainId,
  to,
  data,
  value,
  gasLimit,
  nonce,
  maxFeePerGas: fees.maxFeePerGas,
  maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
});

/** Remote and hardware signers are others' programs: what they signed must be what was previewed. */
function checkSigned(raw: string, prepared: PreparedTransaction): void {
  const signed = parseSigned(raw);
  const isSame = signed.unsignedSerialized === Transaction.from(requestOf(prepared)).unsignedSerialized;
  if (isSame && signed.from === prepared.from) return;
  throw new RiosError('INTEGRITY_SIGNATURE', 'the signer signed another transaction than it was given');
}

/** Every node has its own words for a transaction that it has already. */
function isThereAlready({ details }: RiosError): boolean {
  return /already known|already imported|known transaction|alreadyknown/i.test(String(details?.answer ?? ''));
}

/** Errors that leave open whether the transaction arrived. */
const isOpen = ({ code }: RiosError): boolean =>
  code === 'CHAIN_UNREACHABLE' || code === 'CHAIN_TIMEOUT' || code === 'CHAIN_BAD_ANSWER';

/** False also when the RPC cannot say. */
async function isOnChain({ provider }: Chain, hash: string): Promise<boolean> {
  try {
    return (await provider.send('eth_getTransactionByHash', [hash])) !== null;
  } catch {
    return false;
  }
}

/** Nodes say that there is too little, not how much is missing. */
async function withMissing(
  { provider }: Chain,
  { from, maxCostWei }: PreparedTransaction,
  error: RiosError,
): Promise<RiosError> {
  if (error.code !== 'QUOTA_BALANCE') return error;
  const balance = await provider.getBalance(from).catch(() => undefined);
  return balance === undefined || balance >= maxCostWei ? error : missingCoin(from, maxCostWei, balance);
}

function withHash(error: RiosError, { hash, nonce }: SentTransaction): RiosError {
  const { code, message, hint, details } = error;
  const open = isOpen(error)
    ? { hint: 'It is stored: send the same transaction again, do not make another.' }
    : { hint };
  return new RiosError(code, message, { ...open, details: { ...details, hash, nonce }, cause: error });
}
