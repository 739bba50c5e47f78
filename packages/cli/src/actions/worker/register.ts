import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@rios/sdk/api/client';
import { peerHashOf } from '@rios/sdk/chain/peer-hash';
import { readBindingFile, WALLET_BINDING_FILE, writeBindingFile } from '@rios/sdk/config/binding-file';
import { type Identity, loadOrCreateIdentity } from '@rios/sdk/crypto/identity';
import type { TransactionReport } from '@rios/sdk/schema/money-results';
import type { Registration, StakeReport, StakeView } from '@rios/sdk/schema/stake-results';
import type { Signed } from '@rios/sdk/schema/trust';
import type { Account } from '../../wallet/open.ts';
import { type SubmitOptions, submitTransaction } from '../../wallet/submit.ts';
import { sendStake } from '../stake/add-stake.ts';
import { forWorker } from '../stake/for-worker.ts';
import { readStake } from '../stake/read-stake.ts';
import { parseAccountAddress } from '../wallet/account-address.ts';
import { handInBinding } from './hand-in.ts';
import { networkOf } from './network-of.ts';

export interface RegisterOptions {
  readonly dataDir: string;
  /** Where earnings go; undefined = as registered, else the wallet itself. */
  readonly payout: string | undefined;
  /** Wei of ROS to put at stake; 0 = none. */
  readonly stakeWei: bigint;
  /** How long the binding lasts. */
  readonly lastsMs: number;
  readonly now: () => number;
  readonly client: () => Promise<Client>;
}

/**
 * Binds the worker of a data directory to the wallet, both ways, enters it in the chain's registry, and stakes. What
 * is done already is not done again, but the binding: a new one takes the place of the one before.
 * @throws RiosError USER_INVALID_REQUEST, INTEGRITY_KEY_FILE, QUOTA_BALANCE, AUTH_BINDING, as submitTransaction
 */
export async function registerWorker(
  account: Account,
  options: RegisterOptions,
  submit: SubmitOptions,
): Promise<Registration> {
  const { dataDir, client } = options;
  const payout = options.payout === undefined ? undefined : await parseAccountAddress(options.payout);
  const networkId = await networkOf(dataDir, client);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const identity = await loadOrCreateIdentity(join(dataDir, 'identity.key'));
  const done = await enter(account, { ...options, payout, worker: identity.peerId }, submit);
  const bound = await bind(account, identity, { ...options, networkId });
  const told = await handInBinding(client, { worker: identity.peerId, binding: bound.statement });
  const { sequence, expiresAt, bindingFile } = bound;
  return { ...done, networkId, sequence, expiresAt, bindingFile, told };
}

/** What the chain is to know. */
async function enter(
  account: Account,
  wish: Pick<RegisterOptions, 'payout' | 'stakeWei'> & { readonly worker: string },
  submit: SubmitOptions,
): Promise<StakeReport> {
  const { worker, payout, stakeWei } = wish;
  const { registry } = account.contracts;
  const key = { operator: account.address, worker };
  const did: StakeReport['did'] = [];
  const transactions: TransactionReport[] = [];
  const before = await readStake(account, key);
  if (!before.isRegistered) {
    const call = registry.register(peerHashOf(worker), payout ?? account.address);
    transactions.push(await submitTransaction(account, forWorker(call, worker), submit));
    did.push('registered');
  } else if (payout !== undefined && isOther(before, payout)) {
    const call = registry.changePayout(peerHashOf(worker), payout);
    transactions.push(await submitTransaction(account, forWorker(call, worker), submit));
    did.push('payout changed');
  }
  if (stakeWei > 0n) {
    transactions.push(await sendStake(account, { worker, amountWei: stakeWei }, submit));
    did.push('staked');
  }
  return { did, transactions, stake: await readStake(account, key) };
}

const isOther = ({ payout }: StakeView, wanted: string): boolean =>
  payout?.toLowerCase() !== wanted.toLowerCase();

interface Bound {
  readonly statement: Signed;
  readonly sequence: number;
  readonly expiresAt: number;
  readonly bindingFile: string;
}

/** Signs by both keys and writes the file. The time is in the sequence: it rises also when the file was lost. */
async function bind(
  account: Account,
  identity: Identity,
  { dataDir, networkId, lastsMs, now }: RegisterOptions & { readonly networkId: string },
): Promise<Bound> {
  const { signPeerBinding, signWalletBinding } = await import('@rios/sdk/chain/binding');
  const bindingFile = join(dataDir, WALLET_BINDING_FILE);
  const before = (await readBindingFile(bindingFile))?.sequence ?? -1;
  const sequence = Math.max(before + 1, now());
  const expiresAt = now() + lastsMs;
  const { chainId } = account.chain;
  const fields = { networkId, chainId, peerId: identity.peerId, sequence, expiresAt };
  const statement = signPeerBinding(identity, await signWalletBinding(await account.signer(), fields));
  await writeBindingFile(bindingFile, { wallet: account.address, sequence, statement });
  return { statement, sequence, expiresAt, bindingFile };
}
