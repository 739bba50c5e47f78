import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import { type AccessTokens, createAccessTokens } from '../../auth/access-token.ts';
import { NO_OUTSIDE_LOGINS, type OutsideLogins } from '../../auth/outside/open-providers.ts';
import type { PasswordHasher } from '../../auth/password-hash.ts';
import { type Authenticate, createAuthenticate } from '../../auth/principal.ts';
import type { SecretBox } from '../../auth/secret-box.ts';
import type { Random } from '../../auth/secret-text.ts';
import { createSigningKeys } from '../../auth/signing-keys.ts';
import type { Store } from '../../store/store.ts';
import { createOauthServer, type OauthServer, type PublicUrl } from '../oauth/oauth-server.ts';
import { type AccountEndpoints, createAccountEndpoints } from './account-endpoints.ts';
import { createOutsideEndpoints, type OutsideEndpoints } from './outside/outside-endpoints.ts';
import type { Post } from './post.ts';

export interface UsersOptions {
  readonly networkId: string;
  /** Bytes of blobs that a new account may own. */
  readonly blobQuotaBytes: number;
}

export interface UsersModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: PasswordHasher;
  readonly secrets: SecretBox;
  readonly post: Post;
  /** Outside logins that are offered; none by default. */
  readonly outside?: OutsideLogins;
}

/** The user service: what the gateway mounts, and what it authenticates with. */
export interface Users {
  readonly endpoints: AccountEndpoints & OutsideEndpoints;
  readonly authenticate: Authenticate;
  readonly accessTokens: AccessTokens;
  /** Sends mail as part of what other services do. See Post. */
  readonly sendMail: Post['post'];
  /** Begins to deliver mails. @throws RiosError SERVICE_UNAVAILABLE */
  start(): Promise<void>;
  /** Our OAuth 2.0 server for these people; the library behind it is loaded at its first call. */
  openOauth(publicUrl: PublicUrl, log: Log): OauthServer;
  /** Waits for the mails under way. */
  stop(): Promise<void>;
}

/** Who issues the access tokens of a network; they are for it alone. */
export const issuerOf = (networkId: string): string => `urn:rios:${networkId}`;

/** Loads and makes nothing before it is needed: no key, no argon2, no jose. */
export function createUsers({ networkId, blobQuotaBytes }: UsersOptions, modules: UsersModules): Users {
  const keys = createSigningKeys(modules);
  const audience = networkId;
  const accessTokens = createAccessTokens({ ...modules, keys, issuer: issuerOf(networkId), audience });
  const networkName = networkId.slice(0, 12);
  const { outside = NO_OUTSIDE_LOGINS } = modules;
  const all = { ...modules, outside, accessTokens, networkName, blobQuotaBytes };
  const endpoints = { ...createAccountEndpoints(all, keys), ...createOutsideEndpoints(all) };
  const authenticate = createAuthenticate({ ...modules, accessTokens });
  const openOauth = (publicUrl: PublicUrl, log: Log) => createOauthServer({ ...all, keys, log }, publicUrl);
  const { post: sendMail, start, stop } = modules.post;
  return { endpoints, authenticate, accessTokens, openOauth, sendMail, start, stop };
}
