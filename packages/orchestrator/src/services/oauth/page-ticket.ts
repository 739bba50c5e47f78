import { sha256Of } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';
import { z } from 'zod';
import { encodeJson } from '../../store/json.ts';
import { getUser, type UserRow } from '../../store/users.ts';
import type { UserModules } from '../users/modules.ts';

/** How long a person may think between the login and the answer. */
const TTL_MS = 300_000;
const CONTEXT = 'oauth.page-ticket';
const MAX_CHARS = 2048;

const ticketSchema = z.object({
  accountId: z.string(),
  password: z.string(),
  matter: z.string(),
  guard: z.string(),
  expiresAt: z.number(),
});

/** What a ticket is good for: one answer to one question, in one browser. */
export interface TicketUse {
  /** What is asked, for example `device:BCDFGHJK`. */
  readonly matter: string;
  /** Of the browser: see page-guard.ts. */
  readonly guard: string;
}

type Modules = Pick<UserModules, 'store' | 'clock' | 'secrets'>;

const tagOf = (user: UserRow): string => sha256Of(Buffer.from(user.password_hash)).slice(0, 32);

/**
 * A login that lasts for one question: a sealed text in a hidden field, so that nothing is kept here, any
 * orchestrator can read it, and no cookie logs anybody in.
 */
export async function sealTicket(
  { clock, secrets }: Modules,
  user: UserRow,
  use: TicketUse,
): Promise<string> {
  const expiresAt = clock.now() + TTL_MS;
  return secrets.seal(
    encodeJson({ ...use, accountId: user.account_id, password: tagOf(user), expiresAt }),
    CONTEXT,
  );
}

/** Who holds a ticket for this use. @throws RiosError AUTH_REQUIRED */
export async function openTicket(
  { store, clock, secrets }: Modules,
  ticket: string,
  use: TicketUse,
): Promise<UserRow> {
  const text =
    ticket.length > MAX_CHARS ? undefined : await secrets.open(ticket, CONTEXT).catch(() => undefined);
  const opened = text === undefined ? undefined : ticketSchema.safeParse(JSON.parse(text)).data;
  const fits = opened !== undefined && opened.matter === use.matter && opened.guard === use.guard;
  const user = fits && opened.expiresAt > clock.now() ? await getUser(store, opened.accountId) : undefined;
  if (user === undefined || tagOf(user) !== opened?.password) {
    throw new RiosError('AUTH_REQUIRED', 'the login on this page has ended', { hint: 'Log in again.' });
  }
  return user;
}
