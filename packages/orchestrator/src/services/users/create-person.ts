import { type AccountId, createId } from '@rios/sdk/ids';
import { giveTrial } from '../../billing/credit.ts';
import { insertAccount } from '../../store/accounts.ts';
import { appendAudit } from '../../store/audit.ts';
import type { Store } from '../../store/store.ts';
import { insertUser } from '../../store/users.ts';
import { deleteMailTokens } from '../../store/users-mail.ts';

/** A person whose address is proved; `passwordHash` is empty for who logs in by an outside provider. */
export interface NewPerson {
  readonly email: string;
  readonly displayName: string;
  readonly passwordHash: string;
  readonly blobQuotaBytes: number;
}

/** Makes the account of a person, with its trial credit; the role is developer. Call inside a transaction. Gives the account's id. */
export async function createPerson(tx: Store, person: NewPerson, now: number): Promise<AccountId> {
  const { email, displayName, passwordHash, blobQuotaBytes } = person;
  const id = createId<AccountId>('acc', now);
  await insertAccount(tx, { id, name: email, blob_quota_bytes: blobQuotaBytes, created_at: now });
  await insertUser(tx, {
    account_id: id,
    email,
    display_name: displayName,
    password_hash: passwordHash,
    role: 'developer',
    totp_envelope: null,
    totp_confirmed_at: null,
    totp_last_step: 0,
    created_at: now,
  });
  await giveTrial(tx, id, now);
  await deleteMailTokens(tx, email, 'verify');
  await appendAudit(tx, { at: now, actor: id, action: 'account.created', subject: id });
  return id;
}
