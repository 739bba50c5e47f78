import { RiosError } from '@rios/sdk/errors/error';

/** Words of OAuth 2.0 and OIDC; anything else that a provider writes is not repeated. */
const ERROR_WORD = /^[a-z_]{1,40}$/;
const MAX_CAUSES = 8;

/**
 * What went wrong between us and a provider, in words of ours: its own text may be anybody's.
 * @param thrown by openid-client, by our fetch below it, or by a schema
 */
export function outsideFailure(id: string, thrown: unknown): RiosError {
  let cause = thrown;
  for (let depth = 0; depth < MAX_CAUSES && cause != null; depth++) {
    if (cause instanceof RiosError) return cause;
    const word = wordOf(cause);
    if (word !== undefined) return refused(id, `it answered ${word}`, thrown);
    cause = (cause as { cause?: unknown }).cause;
  }
  const why =
    thrown instanceof Error && isOfLibrary(thrown) ? thrown.message.slice(0, 200) : 'its answer is wrong';
  return refused(id, why, thrown);
}

/** The error word that a provider answered; GitHub's stands in a body of status 200. */
function wordOf(cause: unknown): string | undefined {
  const { error, body } = cause as { error?: unknown; body?: { error?: unknown } | null };
  const word = error ?? body?.error;
  return typeof word === 'string' && ERROR_WORD.test(word) ? word : undefined;
}

/** Messages of openid-client are fixed texts; those of others may quote what came. */
const isOfLibrary = (error: Error): boolean =>
  String((error as { code?: unknown }).code).startsWith('OAUTH_') && /^[\x20-\x7e]+$/.test(error.message);

const refused = (id: string, why: string, cause: unknown) =>
  new RiosError('AUTH_OUTSIDE_REFUSED', `the login by ${id} was not accepted: ${why}`, { cause });
