import { hasCode } from '@rios/sdk/errors/error';
import { clientAt, logIn } from '../support/people.ts';
import type { Restartable } from '../support/restartable.ts';
import type { Acknowledged } from './acknowledged.ts';

/** So many of each kind are tried at each orchestrator; all of them are looked up in the store. */
const SAMPLE = 20;

/** What is wrong with the answers of one orchestrator: who may come in, and whether its audit log verifies. */
export async function auditDoor(door: Restartable, done: Acknowledged): Promise<string[]> {
  const wrong: string[] = [];
  for (const { email, password } of done.people.slice(-SAMPLE)) {
    await logIn(door, { email, password }).catch((error: unknown) => {
      wrong.push(`${door.apiUrl}: ${email} cannot log in: ${String(error)}`);
    });
  }
  for (const { id, text, revoked } of spread(done.tokens)) {
    const answer = await clientAt(door, text)
      .whoami()
      .then(
        () => 'valid',
        (error: unknown) => (hasCode(error) ? error.code : String(error)),
      );
    const expected = revoked ? 'AUTH_REQUIRED' : 'valid';
    if (answer !== expected) wrong.push(`${door.apiUrl}: token ${id} is ${answer}, not ${expected}`);
  }
  const verdict = await door.client.verifyAudit();
  if (!verdict.ok) wrong.push(`${door.apiUrl}: audit log: ${verdict.reason} at ${verdict.brokenAt}`);
  return wrong;
}

/** Revoked and valid ones, from all of the time. */
function spread(tokens: Acknowledged['tokens']): Acknowledged['tokens'] {
  const step = Math.max(1, Math.floor(tokens.length / SAMPLE));
  return [
    ...tokens.filter((_, index) => index % step === 0),
    ...tokens.filter(({ revoked }) => revoked).slice(-SAMPLE),
  ];
}
