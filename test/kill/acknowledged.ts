/** What orchestrators have said was done: after any number of kills, all of it must be in the store, once. */
export interface Acknowledged {
  readonly people: { readonly email: string; readonly password: string }[];
  readonly tokens: { readonly id: string; readonly text: string; revoked: boolean }[];
  readonly orgs: { readonly id: string; readonly name: string }[];
  readonly invites: { readonly id: string; revoked: boolean }[];
  /** Ids of requests that were answered to their end. */
  readonly requests: string[];
  /** Placements that were asked for. */
  placements: number;
  /** What went otherwise than it may, whatever is in the store. */
  readonly wrong: string[];
}

/** Nothing yet. */
export const createAcknowledged = (): Acknowledged => ({
  people: [],
  tokens: [],
  orgs: [],
  invites: [],
  requests: [],
  placements: 0,
  wrong: [],
});
