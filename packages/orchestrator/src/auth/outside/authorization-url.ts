import { RiosError } from '@rios/sdk/errors/error';
import type { Configuration } from 'openid-client';
import type { OutsideSecrets } from './outside-provider.ts';
import { isLoopback, isSecureUrl } from './secure-url.ts';

/** The address to open in a browser. @throws RiosError SERVICE_UNAVAILABLE for one that no browser should open */
export async function authorizationUrl(
  library: typeof import('openid-client'),
  config: Configuration,
  given: { secrets: OutsideSecrets; redirectUri: string; scope: string; isOidc: boolean },
): Promise<string> {
  const { state, verifier, nonce } = given.secrets;
  const url = library.buildAuthorizationUrl(config, {
    redirect_uri: given.redirectUri,
    scope: given.scope,
    state,
    ...(given.isOidc ? { nonce } : {}),
    code_challenge: await library.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const issuer = new URL(config.serverMetadata().issuer);
  if (isSecureUrl(url) && (!isLoopback(url) || isLoopback(issuer))) return url.href;
  throw new RiosError(
    'SERVICE_UNAVAILABLE',
    `the login provider ${issuer.origin} sends browsers to no https address`,
  );
}
