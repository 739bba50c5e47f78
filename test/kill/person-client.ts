import { hasCode } from '@rios/sdk/errors/error';
import type { SessionTokens } from '@rios/sdk/schema/account';
import { mailedToken, passwordOf } from '../support/people.ts';
import { askOnce } from './asking-client.ts';
import { type LoadContext, newKey, repeatUntilOver, robinOf } from './load.ts';

const TOKENS = 3;

/** One person after another: signs up, verifies, logs in, makes tokens and an organisation, revokes, asks. */
export function runPeople(context: LoadContext, lane: number): Promise<void> {
  return repeatUntilOver(context, 'person', async (turn) => {
    const email = `person-${lane}-${turn}@example.org`;
    // an address of its own: sign-ups are counted by address
    const from = `127.1.${lane}.${(turn % 250) + 1}`;
    await signUp(context, email, from);
    const session = await logIn(context, email, from);
    await useAccount(context, email, session.accessToken);
  });
}

async function signUp(context: LoadContext, email: string, from: string): Promise<void> {
  const robin = robinOf(context);
  const body = { email, password: passwordOf(email), displayName: email.slice(0, 20) };
  expectStatus(await robin.post(from, '/v1/accounts', body), [200]);
  const token = await mailedToken(context.doors, email);
  // 403: the first try of two was carried out, and only its answer was lost; the log-in shows it
  expectStatus(await robin.post(from, '/v1/accounts/verify', { token }), [200, 403]);
}

async function logIn(context: LoadContext, email: string, from: string): Promise<SessionTokens> {
  const password = passwordOf(email);
  const answer = await robinOf(context).post(from, '/v1/sessions', { email, password, client: 'load' });
  expectStatus(answer, [200]);
  context.done.people.push({ email, password });
  return answer.body as SessionTokens;
}

async function useAccount(context: LoadContext, email: string, accessToken: string): Promise<void> {
  const robin = robinOf(context, accessToken);
  const { done } = context;
  const made: { id: string; text: string; revoked: boolean }[] = [];
  for (let index = 0; index < TOKENS; index++) {
    const body = { name: `token ${index}`, scopes: ['inference' as const], ttlMs: 3_600_000 };
    const idempotencyKey = newKey();
    const { token, view } = await robin.call((client) => client.createToken({ body, idempotencyKey }));
    const one = { id: view.id, text: token, revoked: false };
    done.tokens.push(one);
    made.push(one);
  }
  await foundOrg(context, email, accessToken);
  const [asking, ending] = made;
  if (asking !== undefined) await askOnce(context, asking.text, true);
  if (ending === undefined) return;
  const idempotencyKey = newKey();
  await robin.call((client) => client.revokeToken({ params: { id: ending.id }, idempotencyKey }));
  ending.revoked = true;
}

async function foundOrg(context: LoadContext, email: string, accessToken: string): Promise<void> {
  const robin = robinOf(context, accessToken);
  const name = email.split('@')[0] ?? email;
  const idempotencyKey = newKey();
  try {
    const { id } = await robin.call((client) => client.createOrg({ body: { name }, idempotencyKey }));
    context.done.orgs.push({ id, name });
  } catch (error) {
    // founded by the try whose orchestrator died before it could say so: nobody else uses this name
    if (!hasCode(error, 'CONFLICT_EXISTS')) throw error;
    const { orgs } = await robin.call((client) => client.listOrgs());
    const mine = orgs.find((org) => org.name === name);
    if (mine === undefined) throw error;
    context.done.orgs.push({ id: mine.id, name });
  }
}

function expectStatus(
  { status, body }: { status: number; body: unknown },
  expected: readonly number[],
): void {
  if (!expected.includes(status)) throw new Error(`${status}: ${JSON.stringify(body).slice(0, 300)}`);
}
