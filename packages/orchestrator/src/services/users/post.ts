import type { Log } from '@rios/sdk/log';
import { z } from 'zod';
import type { SecretBox } from '../../auth/secret-box.ts';
import type { ConsumeOptions, Queue } from '../../queue/queue.ts';
import { decodeJson, encodeJson } from '../../store/json.ts';
import type { Mail, Mailer } from './mailer.ts';

/** Takes mails and delivers them later, so that no answer waits for, or tells of, a delivery. */
export interface Post {
  /**
   * Resolves when the mail is sure to be delivered, or to end as a dead letter, by any orchestrator. `null` costs
   * the same and delivers nothing: so nobody can tell whether an address gets mail.
   * @throws RiosError SERVICE_UNAVAILABLE, INTEGRITY_KEY_FILE
   */
  post(mail: Mail | null): Promise<void>;
  /** The same for news of what was done already: it stands, so a failure is logged and not thrown. */
  notify(mail: Mail): Promise<void>;
  /** Begins to deliver. @throws RiosError SERVICE_UNAVAILABLE */
  start(): Promise<void>;
  /** Waits for deliveries under way; the others' turn comes at another orchestrator, or after the next start. */
  stop(): Promise<void>;
}

export interface PostModules {
  readonly queue: Pick<Queue, 'publish' | 'consume'>;
  /** A mail holds a token: in the queue it is sealed. */
  readonly secrets: SecretBox;
  readonly mailer: Mailer;
  readonly log: Log;
}

export const MAIL_TOPIC = 'mail';
/** What the sealed text is, and for what. */
const CONTEXT = 'queue:mail';

/** Eight attempts within about half an hour: a token in a mail lasts an hour at least. */
const DELIVERY: ConsumeOptions = {
  concurrency: 4,
  maxAttempts: 8,
  backoffMs: (attempt) => Math.min(600_000, 1_000 * 4 ** (attempt - 1)),
};

const mailSchema = z.object({ to: z.string(), subject: z.string(), text: z.string() }).nullable();

/** A post over the queue. `delivery` differs from the usual in tests. */
export function createPost(modules: PostModules, delivery: ConsumeOptions = DELIVERY): Post {
  const { queue, secrets, mailer, log } = modules;
  let stop = async () => {};
  const post = async (mail: Mail | null) => {
    await queue.publish(MAIL_TOPIC, await secrets.seal(encodeJson(mail), CONTEXT));
  };
  return {
    post,
    notify: (mail) =>
      post(mail).catch((error: unknown) => log.error('a mail was not queued', { error: String(error) })),
    start: async () => {
      stop = await queue.consume(MAIL_TOPIC, delivery, async ({ body }) => {
        const mail = decodeJson(mailSchema, await secrets.open(body, CONTEXT));
        if (mail !== null) await mailer.send(mail);
      });
    },
    stop: () => stop(),
  };
}
