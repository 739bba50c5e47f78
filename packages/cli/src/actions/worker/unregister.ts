import { join } from 'node:path';
import type { Client } from '@rios/sdk/api/client';
import { peerHashOf } from '@rios/sdk/chain/peer-hash';
import { readBindingFile, WALLET_BINDING_FILE, writeBindingFile } from '@rios/sdk/config/binding-file';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { readKey } from '@rios/sdk/crypto/key-file';
import { RiosError } from '@rios/sdk/errors/error';
import type { BindingRevocation } from '@rios/sdk/schema/binding';
import type { Unregistration } from '@rios/sdk/schema/stake-results';
import type { Account } from '../../wallet/open.ts';
import { type SubmitOptions, submitTransaction } from '../../wallet/submit.ts';
import { forWorker } from '../stake/for-worker.ts';
import { networkOf } from './network-of.ts';

export interface UnregisterOptions {
  readonly dataDir: string;
  readonly client: () => Promise<Client>;
}

/**
 * The worker takes its binding back: its own key is enough. The orchestrator hears of it before the file forgets it.
 * @throws RiosError NOT_FOUND_WORKER (never bound), AUTH_BINDING, API_UNREACHABLE, CHAIN_ABSENT
 */
export async function revokeByWorker({ dataDir, client }: UnregisterOptions): Promise<Unregistration> {
  const bindingFile = join(dataDir, WALLET_BINDING_FILE);
  const bound = await readBindingFile(bindingFile);
  const key = await readKey(join(dataDir, 'identity.key'), 'identity');
  if (bound === undefined || key === undefined) {
    throw new RiosError('NOT_FOUND_WORKER', `the worker of ${dataDir} was never bound to a wallet`, {
      hint: 'Name its directory by --data-dir, or take the binding back by the wallet: --worker <id>.',
    });
  }
  const identity = createIdentity(key.privateKey);
  const { wallet, sequence } = bound;
  const { chainId } = await (await client()).getChain({});
  const networkId = await networkOf(dataDir, client);
  const { signPeerRevocation } = await import('@rios/sdk/chain/binding');
  const revocation = signPeerRevocation(identity, { networkId, chainId, wallet, sequence });
  await handIn(client, identity.peerId, revocation);
  await writeBindingFile(bindingFile, { wallet, sequence, statement: null });
  return { worker: identity.peerId, wallet, sequence, transactions: [] };
}

/**
 * The wallet takes its word back, for a worker on whichever machine.
 * @throws RiosError NOT_FOUND_WORKER, AUTH_BINDING, API_UNREACHABLE, WALLET_PASSWORD
 */
export async function revokeByWallet(
  account: Account,
  worker: string,
  client: () => Promise<Client>,
): Promise<Unregistration> {
  const { wallet: known } = await (await client()).getWorker({ params: { id: worker } });
  if (known === null || known.address.toLowerCase() !== account.address.toLowerCase()) {
    throw new RiosError('AUTH_BINDING', `the worker ${worker} is not bound to ${account.address}`, {
      details: { reason: 'wallet', boundTo: known?.address ?? null },
    });
  }
  const { networkId } = await (await client()).status({});
  const { signWalletRevocation } = await import('@rios/sdk/chain/binding');
  const { sequence } = known;
  const fields = { networkId, chainId: account.chain.chainId, peerId: worker, sequence };
  const revocation = await signWalletRevocation(await account.signer(), fields);
  await handIn(client, worker, revocation);
  return { worker, wallet: account.address, sequence, transactions: [] };
}

async function handIn(
  client: () => Promise<Client>,
  worker: string,
  revocation: BindingRevocation,
): Promise<void> {
  await (await client()).unbindWorker({ params: { id: worker }, body: { revocation } });
}

/** Takes the worker off the chain's registry. @throws RiosError CHAIN_REVERTED while anything is at stake */
export async function deregister(account: Account, worker: string, submit: SubmitOptions) {
  const call = account.contracts.registry.deregister(peerHashOf(worker));
  return submitTransaction(account, forWorker(call, worker), submit);
}
