import { RiosError } from '@rios/sdk/errors/error';

/** Words of OAuth 2.0 and OIDC; anything else that a provider writes is not repeated. */
const ERROR_WORD = /^[a-z_]{1,40}$/;
const MAX_CAUSES = 8;

/**
 * What went wrong between us and a provider, in words of ours: its own text may be anybody's.
 * @param thrown by openid-client, by our fetch below it, or by a schema
 */
export function outsideFailure(id: string, thrown: unknown): RiosError {
  let error = thrown;
  for (let depth = 0; depth < MAX_CAUSES && error instanceof Error; depth++) {
    if (error instanceof RiosError) return error;
    const word = (error as { error?: unknown }).error;
    if (typeof word === 'string' && ERROR_WORD.test(word)) return refused(id, `it answered ${word}`, thrown);
    error = error.cause;
  }
  const why =
    thrown instanceof Error && isOfLibrary(thrown) ? thrown.message.slice(0, 200) : 'its answer is wrong';
  return refused(id, why, thrown);
}

/** Messages of openid-client are fixed texts; those of others may quote what came. */
const isOfLibrary = (error: Error): boolean =>
  String((error as { code?: unknown }).code).startsWith('OAUTH_') && /^[\x20-\x7e]+$/.test(error.message);

const refused = (id: string, why: string, cause: unknown) =>
  new RiosError('AUTH_OUTSIDE_REFUSED', `the login by ${id} was not accepted: ${why}`, { cause });
