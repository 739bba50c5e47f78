import type { PeerIdString } from '../ids.ts';
import { createKeyPair, type KeyPair } from './ed25519.ts';
import { loadOrCreateKey } from './key-file.ts';
import { peerIdOf } from './peer-id.ts';

export { publicKeyOf } from './peer-id.ts';

/** Who a worker or an orchestrator is: an Ed25519 key pair and the libp2p peer id that says it. */
export interface Identity {
  readonly peerId: PeerIdString;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 32-byte seed. */
  readonly privateKey: Uint8Array;
}

/** The identity of a 32-byte seed; a new random one when none is given. */
export function createIdentity(seed?: Uint8Array): Identity {
  return identityOf(createKeyPair(seed));
}

/** The identity kept in `file`; created there (mode 0600) the first time. Throws INTEGRITY_KEY_FILE. */
export async function loadOrCreateIdentity(file: string): Promise<Identity> {
  return identityOf(await loadOrCreateKey(file, 'identity'));
}

const identityOf = (key: KeyPair): Identity => ({ peerId: peerIdOf(key.publicKey), ...key });
