import { randomBytes } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** libp2p peer id of a worker or an orchestrator, base58 (Ed25519 public key inside). */
export type PeerIdString = Branded<'PeerId'>;
/** Lower-case hex sha256 of the manifest's bytes. */
export type ModelHash = Branded<'ModelHash'>;
/** Lower-case hex sha256 of a blob. */
export type Sha256 = Branded<'Sha256'>;
/** `embed`, `head`, `trunk.LLL` or `experts.LLL.GGG`: the unit of placement. */
export type PartId = Branded<'PartId'>;
export type NetworkId = Branded<'NetworkId'>;
export type SessionId = Branded<'SessionId'>;
export type InviteId = Branded<'InviteId'>;
export type AccountId = Branded<'AccountId'>;

/** Makes a new id `<prefix>_<26 characters>`: 68 random bits, sortable by `now` (ms) to the millisecond. */
export function createId<Id extends string>(prefix: string, now: number, random = randomBytes): Id {
  const time = Math.floor(now).toString(36).padStart(9, '0');
  return `${prefix}_${time}${random(10).toString('hex').slice(0, 17)}` as Id;
}

const SHA256 = /^[0-9a-f]{64}$/;

/** Returns `text` as a sha256 when it is one (64 lower-case hex digits), else undefined. */
export function parseSha256(text: unknown): Sha256 | undefined {
  return typeof text === 'string' && SHA256.test(text) ? (text as Sha256) : undefined;
}
