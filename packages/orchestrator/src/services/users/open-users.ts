import { randomBytes } from 'node:crypto';
import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { OutsideLogins } from '../../auth/outside/open-providers.ts';
import { createPasswordHasher } from '../../auth/password-hash.ts';
import { createSecretBox } from '../../auth/secret-box.ts';
import type { MasterKeys } from '../../crypto/master-keys.ts';
import type { Store } from '../../store/store.ts';
import { createFileMailer } from './mailer.ts';
import { createPost } from './post.ts';
import { createSmtpMailer } from './smtp-mailer.ts';
import { createUsers, type Users } from './users.ts';

export interface OpenUsersOptions {
  readonly networkId: string;
  readonly blobQuotaBytes: number;
  /** Where mails are written when there is no SMTP server. */
  readonly mailDir: string;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
}

/** The user service of an orchestrator, on the real outside. Nothing is loaded before it is needed. */
export function openUsers(
  { mailDir, smtpUrl, mailFrom, ...options }: OpenUsersOptions,
  modules: {
    store: Store;
    clock: Clock;
    log: Log;
    loadMasterKeys: () => Promise<MasterKeys>;
    outside: OutsideLogins;
  },
): Users {
  const { store, clock, log, outside } = modules;
  const mailer =
    smtpUrl === undefined ? createFileMailer(mailDir, clock) : createSmtpMailer(smtpUrl, mailFrom);
  return createUsers(options, {
    store,
    clock,
    outside,
    random: randomBytes,
    hasher: createPasswordHasher(),
    secrets: createSecretBox(modules.loadMasterKeys),
    post: createPost({ mailer, log }),
  });
}
