import { effectiveScopes } from '@rios/sdk/api/roles';
import type { TokenScope } from '@rios/sdk/api/route';
import { RiosError } from '@rios/sdk/errors/error';
import type { Provider } from 'oidc-provider';
import { z } from 'zod';
import { getOauthClient, isOpenClient, type OauthClientRow } from '../../store/oauth-clients.ts';
import type { UserRow } from '../../store/users.ts';
import { guardOptions, originsOf, type PageModules } from './device-page.ts';
import type { Exchange } from './exchange.ts';
import { openGrant } from './open-grant.ts';
import { checkGuard, GUARD_FIELD, guardOf } from './page-guard.ts';
import { loginByForm, tellPerson } from './page-login.ts';
import { openTicket, sealTicket } from './page-ticket.ts';
import { confirmPage, loginPage, messagePage, sendPage } from './pages.ts';

const TITLE = 'Log in';
const WARNING = 'Allow only a program that you know. You can end its session at any time.';

/** What a program asks for in a browser, as the library keeps it. */
interface Request {
  readonly uid: string;
  readonly client: OauthClientRow;
  readonly scopes: ReadonlySet<string>;
  readonly redirectOrigin: string;
}

const paramsSchema = z.looseObject({
  client_id: z.string(),
  redirect_uri: z.url(),
  scope: z.string().default(''),
});

/** The page that asks a person in a browser: login, then consent; then the library goes on with the answer. */
export async function serveConsentPage(
  modules: PageModules,
  provider: Provider,
  exchange: Exchange,
): Promise<void> {
  const { request: incoming, response, form } = exchange;
  try {
    const request = await findRequest(modules, provider, exchange);
    if (incoming.method === 'GET') {
      sendPage(response, askLogin(request, guardOf(incoming, response, guardOptions(modules))));
      return;
    }
    const guard = checkGuard(incoming, form, originsOf(modules, exchange));
    if (form.has('ticket')) await answer(modules, provider, exchange, { request, guard });
    else await ask(modules, exchange, { request, guard });
  } catch (error) {
    const told = tellPerson(error);
    if (told === undefined) throw error;
    sendPage(response, messagePage(TITLE, told.text), { status: told.status });
  }
}

async function findRequest(
  { store, clock }: PageModules,
  provider: Provider,
  { request, response, path }: Exchange,
): Promise<Request> {
  const details = await provider.interactionDetails(request, response).catch(() => undefined);
  const params = paramsSchema.safeParse(details?.params).data;
  const client = params && (await getOauthClient(store, params.client_id));
  const isHere = details !== undefined && path === `/oauth/interaction/${details.uid}`;
  if (!isHere || client === undefined || !isOpenClient(client, clock.now())) {
    throw new RiosError('NOT_FOUND', 'there is nothing to answer here', {
      hint: 'Go back to the program and begin again.',
    });
  }
  const scopes = new Set(params?.scope.split(' '));
  return { uid: details.uid, client, scopes, redirectOrigin: new URL(params?.redirect_uri ?? '').origin };
}

const actionOf = ({ uid }: Request): string => `/oauth/interaction/${uid}`;
const matterOf = ({ uid }: Request): string => `consent:${uid}`;

const askLogin = (request: Request, guard: string, again: { email?: string; wrong?: string } = {}) =>
  loginPage({
    title: `${TITLE}: ${request.client.name}`,
    action: actionOf(request),
    fields: { [GUARD_FIELD]: guard },
    ...again,
  });

interface Asked {
  readonly request: Request;
  readonly guard: string;
}

/** The form was the login: asks for consent, or once more for the login. */
async function ask(modules: PageModules, exchange: Exchange, { request, guard }: Asked): Promise<void> {
  const { response, form, address } = exchange;
  try {
    const user = await loginByForm(modules, form, address);
    const ticket = await sealTicket(modules, user, { matter: matterOf(request), guard });
    const html = confirmPage({
      action: actionOf(request),
      fields: { [GUARD_FIELD]: guard, ticket },
      program: request.client.name,
      account: user.email,
      scopes: scopesFor(request, user),
      facts: { 'Answers to': request.redirectOrigin },
      warning: WARNING,
    });
    sendPage(response, html, { formTargets: [request.redirectOrigin] });
  } catch (error) {
    const told = tellPerson(error);
    if (told === undefined) throw error;
    const email = (form.get('email') ?? '').slice(0, 254);
    sendPage(response, askLogin(request, guard, { email, wrong: told.text }), { status: told.status });
  }
}

/** What was asked for that the role allows. @throws RiosError AUTH_FORBIDDEN when that is nothing */
function scopesFor({ scopes }: Request, user: UserRow): TokenScope[] {
  const allowed = [...effectiveScopes(user.role, scopes)];
  if (allowed.length > 0) return allowed;
  throw new RiosError('AUTH_FORBIDDEN', 'the program asks for nothing that your role allows');
}

/** The form was the answer: the library sends the browser back to the program with it. */
async function answer(
  modules: PageModules,
  provider: Provider,
  { request: incoming, response, form, address }: Exchange,
  { request, guard }: Asked,
): Promise<void> {
  const user = await openTicket(modules, form.get('ticket') ?? '', { matter: matterOf(request), guard });
  const decision = form.get('decision');
  if (decision === 'refuse') {
    const refusal = { error: 'access_denied', error_description: 'the person said no' };
    await provider.interactionFinished(incoming, response, refusal);
    return;
  }
  if (decision !== 'allow') throw new RiosError('USER_INVALID_REQUEST', 'the answer is neither yes nor no');
  const { account_id: accountId } = user;
  const { id: clientId, name: clientName } = request.client;
  const scopes = scopesFor(request, user);
  const given: ReadonlySet<string> = new Set(scopes);
  const refusedScopes = [...request.scopes].filter((scope) => !given.has(scope));
  const permission = { accountId, clientId, clientName, scopes, refusedScopes, address };
  const grantId = await modules.store.transaction().execute((tx) => openGrant(tx, modules, permission));
  const result = { login: { accountId, remember: false }, consent: { grantId } };
  await provider.interactionFinished(incoming, response, result);
}
