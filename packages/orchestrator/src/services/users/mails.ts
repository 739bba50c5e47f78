import type { Mail } from './mailer.ts';

/** The mails that are sent. None repeats what a stranger wrote, so that nobody can send text of theirs by us. */
export const mails = {
  verify: (to: string, token: string): Mail => ({
    to,
    subject: 'RiOS: verify your address',
    text: `Somebody, probably you, wants a RiOS account with this address. To make it, verify with this token
within a day:

${token}

If it was not you, do nothing: without the token there will be no account.`,
  }),
  known: (to: string): Mail => ({
    to,
    subject: 'RiOS: you have an account already',
    text: `Somebody, probably you, tried to sign up with this address, which has an account. Log in with it, or
reset its password if you have forgotten it. If it was not you, do nothing.`,
  }),
  reset: (to: string, token: string): Mail => ({
    to,
    subject: 'RiOS: reset your password',
    text: `Somebody, probably you, wants a new password for the RiOS account of this address. Set one with this
token within an hour:

${token}

If it was not you, do nothing: the password stays as it is.`,
  }),
  changed: (to: string): Mail => ({
    to,
    subject: 'RiOS: your password was changed',
    text: `The password of your RiOS account was changed, and its other sessions were ended. If it was not you,
reset the password now, and revoke the API tokens that you do not know.`,
  }),
  linked: (to: string): Mail => ({
    to,
    subject: 'RiOS: another way to log in was added',
    text: `Your RiOS account can now be opened by a login at an outside provider. If it was not you, log in, unlink
it (rios auth outside list), and change your password.`,
  }),
  unlinked: (to: string): Mail => ({
    to,
    subject: 'RiOS: a way to log in was removed',
    text: `A login at an outside provider no longer opens your RiOS account. If it was not you, change your
password, and revoke the sessions that you do not know.`,
  }),
  /** @param message what our own books say, with no text of anybody's */
  billing: (to: string, message: string): Mail => ({
    to,
    subject: 'RiOS: about your balance and budgets',
    text: `${message[0]?.toUpperCase()}${message.slice(1)}.

See rios billing usage and rios billing budget show; add funds with rios wallet deposit.`,
  }),
  invite: (to: string, token: string, org: string): Mail => ({
    to,
    subject: 'RiOS: you are asked into an organisation',
    text: `You are asked to become a member of the organisation "${org}". To accept, log in with this address
and join with this token within a week:

${token}

If you do not want to, do nothing.`,
  }),
};
