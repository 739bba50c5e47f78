import type { Clock } from '@rios/sdk/clock';
import { networkOf } from '@rios/sdk/p2p/rate-limit';
import type { AccessTokens } from '../../auth/access-token.ts';
import type { PasswordHasher } from '../../auth/password-hash.ts';
import type { SecretBox } from '../../auth/secret-box.ts';
import type { Random } from '../../auth/secret-text.ts';
import { ACCOUNT_RULE, ADDRESS_RULE, type Throttled } from '../../auth/throttle.ts';
import type { Store } from '../../store/store.ts';
import type { Post } from './post.ts';

/** What the functions of the user service work with. */
export interface UserModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: PasswordHasher;
  readonly secrets: SecretBox;
  readonly post: Post;
  readonly accessTokens: AccessTokens;
  /** Shown by authenticator apps. */
  readonly networkName: string;
  /** Bytes of blobs that a new account may own. */
  readonly blobQuotaBytes: number;
}

/** What is throttled when somebody proves an address's password or code; unknown addresses too. */
export const loginSubject = (email: string): Throttled => ({ subject: `login:${email}`, rule: ACCOUNT_RULE });
/** What is throttled when mail is asked for. */
export const mailSubject = (email: string): Throttled => ({ subject: `mail:${email}`, rule: ACCOUNT_RULE });
/** The network address of whoever asks; of IPv6 the /64, which one owner has whole. */
export const addressSubject = (address: string): Throttled => ({
  subject: `address:${networkOf(address)}`,
  rule: ADDRESS_RULE,
});
