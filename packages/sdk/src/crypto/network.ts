import { RiosError } from '../errors/error.ts';
import type { NetworkId } from '../ids.ts';
import { type Certificate, certificateSchema, type Signed } from '../schema/trust.ts';
import { createKeyPair, type KeyPair } from './ed25519.ts';
import { sha256Of } from './hash.ts';
import { loadOrCreateKey, placeKey, readKey } from './key-file.ts';
import { openSigned, sign } from './signed.ts';

/** How far two machines' clocks may differ, milliseconds. */
export const CLOCK_TOLERANCE_MS = 5_000;

/** The key that makes a network: it certifies orchestrators, and every member pins its public half. */
export interface NetworkKey {
  readonly networkId: NetworkId;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 32-byte seed. */
  readonly privateKey: Uint8Array;
}

/** `net_` and the first 32 hex digits of the sha256 of the network's public key. */
export function networkIdOf(publicKey: Uint8Array): NetworkId {
  return `net_${sha256Of(publicKey).slice(0, 32)}` as NetworkId;
}

/** The network key of a 32-byte seed; a new random one when none is given. */
export function createNetworkKey(seed?: Uint8Array): NetworkKey {
  return networkKeyOf(createKeyPair(seed));
}

/** The network key kept in `file`; created there (mode 0600) the first time. Throws INTEGRITY_KEY_FILE. */
export async function loadOrCreateNetworkKey(file: string): Promise<NetworkKey> {
  return networkKeyOf(await loadOrCreateKey(file, 'network'));
}

/** The network key kept in `file`; undefined when there is none. Throws INTEGRITY_KEY_FILE. */
export async function readNetworkKey(file: string): Promise<NetworkKey | undefined> {
  const key = await readKey(file, 'network');
  return key === undefined ? undefined : networkKeyOf(key);
}

/** Puts the key in `file` (mode 0600) unless one is there; gives the one that is there then. */
export async function placeNetworkKey(file: string, key: NetworkKey): Promise<NetworkKey> {
  return networkKeyOf(await placeKey(file, 'network', key));
}

const networkKeyOf = (key: KeyPair): NetworkKey => ({ networkId: networkIdOf(key.publicKey), ...key });

/** Says for `ttlMs` from `now` that this peer is an orchestrator of the network. */
export function issueCertificate(
  networkKey: NetworkKey,
  orchestratorPeerId: string,
  now: number,
  ttlMs: number,
): Signed {
  const certificate: Certificate = {
    networkId: networkKey.networkId,
    orchestrator: orchestratorPeerId,
    notBefore: now,
    expiresAt: now + ttlMs,
  };
  return sign('certificate', certificate, networkKey.privateKey);
}

/**
 * Checks that the network key says so, now (give or take CLOCK_TOLERANCE_MS), of `expectedPeerId` when given.
 * Throws INTEGRITY_SIGNATURE, or AUTH_PEER_UNKNOWN when it is of another peer, network or time.
 */
export function verifyCertificate(
  signed: Signed,
  networkPublicKey: Uint8Array,
  now: number,
  expectedPeerId?: string,
): Certificate {
  const certificate = openSigned('certificate', signed, networkPublicKey, certificateSchema);
  if (certificate.networkId !== networkIdOf(networkPublicKey)) throw refused('it is for another network');
  if (now > certificate.expiresAt + CLOCK_TOLERANCE_MS) throw refused('it has expired');
  if (now < certificate.notBefore - CLOCK_TOLERANCE_MS) throw refused('it is not valid yet');
  if (expectedPeerId !== undefined && certificate.orchestrator !== expectedPeerId)
    throw refused('it is for another peer');
  return certificate;
}

const refused = (why: string) =>
  new RiosError('AUTH_PEER_UNKNOWN', `orchestrator certificate refused: ${why}`, {
    hint: 'Check the clocks of both machines and the address of the orchestrator.',
  });
