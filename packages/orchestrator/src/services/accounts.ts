import { randomBytes } from 'node:crypto';
import { SCOPES } from '@rios/sdk/api/route';
import type { Clock } from '@rios/sdk/clock';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { readToken } from '@rios/sdk/config/connection';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { type AccountId, createId } from '@rios/sdk/ids';
import * as rows from '../store/accounts.ts';
import type { Store } from '../store/store.ts';

const LOCAL_ACCOUNT = 'local';
const TOKEN_PREFIX = 'rios_';

/** The account of the machine itself; people have theirs in services/users. */
export interface Accounts {
  /** Makes sure that the local account exists and that `tokenFile` (0600) holds a valid token of it. */
  ensureLocal(tokenFile: string, blobQuotaBytes: number): Promise<void>;
}

export function createAccounts(modules: { store: Store; clock: Clock }): Accounts {
  const { store } = modules;
  return {
    ensureLocal: async (tokenFile, blobQuotaBytes) => {
      const accountId = await ensureAccount(modules, blobQuotaBytes);
      const token = await readToken(tokenFile);
      if (token !== undefined && (await rows.findApiToken(store, hashOf(token))) !== undefined) return;
      await replaceToken(modules, accountId, tokenFile);
    },
  };
}

const hashOf = (token: string) => sha256Of(Buffer.from(token));

async function ensureAccount(
  { store, clock }: { store: Store; clock: Clock },
  blobQuotaBytes: number,
): Promise<string> {
  const known = await rows.findAccountByName(store, LOCAL_ACCOUNT);
  if (known !== undefined) {
    await rows.setBlobQuota(store, known.id, blobQuotaBytes);
    return known.id;
  }
  const id = createId<AccountId>('acc', clock.now());
  await rows.insertAccount(store, {
    id,
    name: LOCAL_ACCOUNT,
    blob_quota_bytes: blobQuotaBytes,
    created_at: clock.now(),
  });
  return id;
}

/** The file first: a kill in between leaves a token that the next start replaces. Old tokens end. */
async function replaceToken(
  { store, clock }: { store: Store; clock: Clock },
  accountId: string,
  tokenFile: string,
): Promise<void> {
  const token = TOKEN_PREFIX + randomBytes(32).toString('base64url');
  await writeFileAtomic(tokenFile, `${token}\n`, 0o600);
  await store.transaction().execute(async (tx) => {
    await rows.revokeApiTokens(tx, accountId, clock.now());
    await rows.insertApiToken(tx, {
      sha256: hashOf(token),
      accountId,
      scopes: SCOPES,
      createdAt: clock.now(),
    });
  });
}
