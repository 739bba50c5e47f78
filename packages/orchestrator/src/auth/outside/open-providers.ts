import { createGithubProvider } from './github-provider.ts';
import { createOpenidProvider } from './openid-provider.ts';
import type { OutsideLoginConfig } from './outside-config.ts';
import type { OutsideProvider } from './outside-provider.ts';

/** The outside logins of a network, by their ids. */
export interface OutsideLogins {
  /** Where browsers reach this network: providers send them back there. */
  readonly publicUrl: () => string;
  readonly providers: ReadonlyMap<string, OutsideProvider>;
}

/** None; what a network has that configures none. */
export const NO_OUTSIDE_LOGINS: OutsideLogins = { publicUrl: () => '', providers: new Map() };

/** Nothing is asked or loaded before the first login. @param deadlineMs of one step of a login */
export function openProviders(
  logins: readonly OutsideLoginConfig[],
  publicUrl: () => string,
  deadlineMs?: number,
): OutsideLogins {
  const create = { oidc: createOpenidProvider, github: createGithubProvider };
  const all = logins.map((login) => [login.id, create[login.kind](login, deadlineMs)] as const);
  return { publicUrl, providers: new Map(all) };
}
