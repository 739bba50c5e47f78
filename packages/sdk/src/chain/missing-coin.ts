import { RiosError } from '../errors/error.ts';
import { formatCoin } from './amounts.ts';

/** QUOTA_BALANCE: an account has too little of the chain's own coin, and how much is missing. Amounts in wei. */
export function missingCoin(account: string, needed: bigint, balance: bigint): RiosError {
  const missing = needed - balance;
  const message =
    `${account} has ${formatCoin(balance)}, and up to ${formatCoin(needed)} are needed for gas: ` +
    `${formatCoin(missing)} are missing`;
  return new RiosError('QUOTA_BALANCE', message, {
    details: { account, unit: 'coin', missing: formatCoin(missing), missingWei: String(missing) },
    hint: 'Send some of the chain’s own coin to this address; on a dev chain: rios wallet faucet.',
  });
}
