import { randomBytes } from 'node:crypto';
import { SCOPES } from '@rios/sdk/api/route';
import type { Clock } from '@rios/sdk/clock';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { readToken } from '@rios/sdk/config/connection';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';
import { type AccountId, createId } from '@rios/sdk/ids';
import { giveTrial, hasTrial } from '../billing/credit.ts';
import * as rows from '../store/accounts.ts';
import type { Store } from '../store/store.ts';

const LOCAL_ACCOUNT = 'local';
const TOKEN_PREFIX = 'rios_';

/** The account of the machine itself; people have theirs in services/users. */
export interface Accounts {
  /** Makes sure that the local account exists and that `tokenFile` (0600) holds a valid token of it. */
  ensureLocal(tokenFile: string, blobQuotaBytes: number): Promise<void>;
}

interface AccountModules {
  readonly store: Store;
  readonly clock: Clock;
  /** Peer id of this orchestrator: each of those that share a store has a token file of its own. */
  readonly self: string;
}

export function createAccounts(modules: AccountModules): Accounts {
  const { store, self } = modules;
  return {
    ensureLocal: async (tokenFile, blobQuotaBytes) => {
      const accountId = await ensureAccount(modules, blobQuotaBytes);
      const token = await readToken(tokenFile);
      if (token === undefined || (await rows.findApiToken(store, hashOf(token))) === undefined)
        await replaceToken(modules, accountId, tokenFile);
      else await rows.noteLocalToken(store, self, hashOf(token));
    },
  };
}

const hashOf = (token: string) => sha256Of(Buffer.from(token));

async function ensureAccount({ store, clock }: AccountModules, blobQuotaBytes: number): Promise<string> {
  const now = clock.now();
  const own = { id: createId<AccountId>('acc', now), name: LOCAL_ACCOUNT, created_at: now };
  const known = await rows.findAccountByName(store, LOCAL_ACCOUNT);
  if (known === undefined) await rows.addAccountOnce(store, { ...own, blob_quota_bytes: blobQuotaBytes });
  const found = known ?? (await rows.findAccountByName(store, LOCAL_ACCOUNT));
  if (found === undefined) throw new RiosError('BUG_UNEXPECTED', 'the local account is gone');
  await rows.setBlobQuota(store, found.id, blobQuotaBytes);
  if (!(await hasTrial(store, found.id)))
    await store.transaction().execute((tx) => giveTrial(tx, found.id, now));
  return found.id;
}

/** The file first: a kill in between leaves a token that the next start replaces. This file's old token ends. */
async function replaceToken(
  { store, clock, self }: AccountModules,
  accountId: string,
  tokenFile: string,
): Promise<void> {
  const token = TOKEN_PREFIX + randomBytes(32).toString('base64url');
  await writeFileAtomic(tokenFile, `${token}\n`, 0o600);
  await store.transaction().execute(async (tx) => {
    const sha256 = hashOf(token);
    await rows.insertApiToken(tx, { sha256, accountId, scopes: SCOPES, createdAt: clock.now() });
    await rows.noteLocalToken(tx, self, sha256);
    await rows.revokeStrayTokens(tx, accountId, clock.now());
  });
}
