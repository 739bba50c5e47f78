import { systemClock } from '@rios/sdk/clock';
import { watchStandings } from '../billing/standing-watch.ts';
import { mailMoneyEvents } from '../services/money-mail.ts';
import { repeat } from '../services/repeat.ts';
import type { Users } from '../services/users/users.ts';
import type { Core, Opened } from './core.ts';

/** How often balances are looked at, and how often what owners are told is mailed. */
const STANDINGS_MS = 60_000;
const MAILS_MS = 5_000;

const clock = systemClock;

/** What goes on beside requests: balances that run low or out, and mail about them. */
export function openMoneyWatch(
  { store, log, identity }: Pick<Core, 'store' | 'log' | 'identity'>,
  { sendMail }: Pick<Users, 'sendMail'>,
  opened: Opened,
): void {
  const told = (what: string) => (error: unknown) => log.error(what, { error: String(error) });
  const watch = () => watchStandings({ store, clock });
  const mail = async () => {
    await mailMoneyEvents({ store, clock, self: identity.peerId, sendMail });
  };
  opened.push(
    repeat(clock, STANDINGS_MS, watch, told('balances could not be looked at')),
    repeat(clock, MAILS_MS, mail, told('owners could not be written to')),
  );
}
