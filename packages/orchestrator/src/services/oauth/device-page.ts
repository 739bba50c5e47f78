import { RiosError } from '@rios/sdk/errors/error';
import type { DeviceRequest } from '@rios/sdk/schema/oauth';
import type { UserRow } from '../../store/users.ts';
import type { UserModules } from '../users/modules.ts';
import { type Approver, approveDevice, refuseDevice, showDevice } from './devices.ts';
import type { Exchange } from './exchange.ts';
import { checkGuard, GUARD_FIELD, guardOf } from './page-guard.ts';
import { loginByForm, tellPerson } from './page-login.ts';
import { openTicket, sealTicket } from './page-ticket.ts';
import { confirmPage, loginPage, messagePage, sendPage } from './pages.ts';

export interface PageModules extends UserModules {
  /** Where people reach us, for example https://rios.example.org. */
  readonly publicUrl: () => string;
}

const TITLE = 'Log a device in';
const WARNING =
  'Allow only what you have just begun yourself, in a terminal that shows this code. Nobody from RiOS asks you for it.';

/** The page that people open to log a device in (RFC 8628, section 3.3): login, then a question, then an answer. */
export async function serveDevicePage(modules: PageModules, exchange: Exchange): Promise<void> {
  const { request, response, form, query } = exchange;
  if (request.method === 'GET') {
    const guard = guardOf(request, response, guardOptions(modules));
    sendPage(response, askLogin(guard, (query.get('user_code') ?? '').slice(0, 32)));
    return;
  }
  try {
    const guard = checkGuard(request, form, originsOf(modules, exchange));
    await (form.has('ticket') ? answer(modules, exchange, guard) : ask(modules, exchange, guard));
  } catch (error) {
    const told = tellPerson(error);
    if (told === undefined) throw error;
    sendPage(response, messagePage(TITLE, told.text), { status: told.status });
  }
}

/** How the guard's cookie is made. */
export const guardOptions = ({ random, publicUrl }: PageModules) => ({
  random,
  isSecure: publicUrl().startsWith('https:'),
});

/** Origins that our pages can have been opened at. */
export function originsOf({ publicUrl }: PageModules, { request }: Exchange): string[] {
  const own = new URL(publicUrl());
  return [own.origin, `${own.protocol}//${request.headers.host ?? ''}`];
}

const askLogin = (guard: string, userCode: string, again: { email?: string; wrong?: string } = {}) =>
  loginPage({ title: TITLE, action: '/oauth/device', fields: { [GUARD_FIELD]: guard }, userCode, ...again });

/** The form was the login: asks what to do, or once more for the login. */
async function ask(
  modules: PageModules,
  { response, form, address }: Exchange,
  guard: string,
): Promise<void> {
  const userCode = (form.get('user_code') ?? '').slice(0, 32);
  try {
    const user = await loginByForm(modules, form, address);
    const wanted = await showDevice(modules, approverOf(user, address), userCode);
    const ticket = await sealTicket(modules, user, { matter: matterOf(userCode), guard });
    sendPage(response, askConfirm({ guard, ticket, userCode, user, wanted }));
  } catch (error) {
    const told = tellPerson(error);
    if (told === undefined) throw error;
    const email = (form.get('email') ?? '').slice(0, 254);
    sendPage(response, askLogin(guard, userCode, { email, wrong: told.text }), { status: told.status });
  }
}

const matterOf = (userCode: string): string => `device:${userCode}`;
const approverOf = (user: UserRow, address: string): Approver => ({
  accountId: user.account_id,
  role: user.role,
  address,
});

function askConfirm(given: {
  guard: string;
  ticket: string;
  userCode: string;
  user: UserRow;
  wanted: DeviceRequest;
}): string {
  const { guard, ticket, userCode, user, wanted } = given;
  return confirmPage({
    action: '/oauth/device',
    fields: { [GUARD_FIELD]: guard, ticket, user_code: userCode },
    program: wanted.clientName,
    account: user.email,
    scopes: wanted.scopes,
    facts: { Code: userCode.toUpperCase(), 'Asked from': wanted.address },
    warning: WARNING,
  });
}

/** The form was the answer. */
async function answer(
  modules: PageModules,
  { response, form, address }: Exchange,
  guard: string,
): Promise<void> {
  const userCode = (form.get('user_code') ?? '').slice(0, 32);
  const user = await openTicket(modules, form.get('ticket') ?? '', { matter: matterOf(userCode), guard });
  const approver = approverOf(user, address);
  const decision = form.get('decision');
  if (decision === 'allow') {
    await approveDevice(modules, approver, userCode);
    sendPage(response, messagePage('Done', 'The device is logged in. You can close this page.'));
  } else if (decision === 'refuse') {
    await refuseDevice(modules, approver, userCode);
    sendPage(response, messagePage('Refused', 'The device is not logged in. You can close this page.'));
  } else throw new RiosError('USER_INVALID_REQUEST', 'the answer is neither yes nor no');
}
