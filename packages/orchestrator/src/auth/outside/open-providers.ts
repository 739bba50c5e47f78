import { createGithubProvider } from './github-provider.ts';
import { createOpenidProvider } from './openid-provider.ts';
import type { OutsideConfig } from './outside-config.ts';
import type { OutsideProvider } from './outside-provider.ts';

/** The outside logins of a network, by their ids, and where providers send browsers back to. */
export interface OutsideLogins {
  readonly publicUrl: string;
  readonly providers: ReadonlyMap<string, OutsideProvider>;
}

/** None; what a network has that configures none. */
export const NO_OUTSIDE_LOGINS: OutsideLogins = { publicUrl: '', providers: new Map() };

/** Nothing is asked or loaded before the first login. @param deadlineMs of one step of a login */
export function openProviders({ publicUrl, logins }: OutsideConfig, deadlineMs?: number): OutsideLogins {
  const create = { oidc: createOpenidProvider, github: createGithubProvider };
  const all = logins.map((login) => [login.id, create[login.kind](login, deadlineMs)] as const);
  return { publicUrl, providers: new Map(all) };
}
