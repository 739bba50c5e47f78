import { randomBytes } from 'node:crypto';
import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { OutsideLogins } from '../../auth/outside/open-providers.ts';
import { createPasswordHasher } from '../../auth/password-hash.ts';
import { createSecretBox, type LoadMasterKeys } from '../../auth/secret-box.ts';
import type { Queue } from '../../queue/queue.ts';
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

export interface OpenUsersModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Where mails wait. */
  readonly queue: Queue;
  readonly loadMasterKeys: LoadMasterKeys;
  readonly outside: OutsideLogins;
}

/** The user service of an orchestrator, on the real outside. Nothing is loaded before it is needed. */
export function openUsers(
  { mailDir, smtpUrl, mailFrom, ...options }: OpenUsersOptions,
  modules: OpenUsersModules,
): Users {
  const { store, clock, queue, log, outside } = modules;
  const secrets = createSecretBox(modules.loadMasterKeys);
  const mailer =
    smtpUrl === undefined ? createFileMailer(mailDir, clock) : createSmtpMailer(smtpUrl, mailFrom);
  return createUsers(options, {
    store,
    clock,
    outside,
    random: randomBytes,
    hasher: createPasswordHasher(),
    secrets,
    post: createPost({ queue, secrets, mailer, log }),
  });
}
