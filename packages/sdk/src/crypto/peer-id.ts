import { RiosError } from '../errors/error.ts';
import type { PeerIdString } from '../ids.ts';
import { decodeBase58, encodeBase58 } from './base58.ts';

/** Identity multihash (0x00, 36 bytes) of a protobuf key: type Ed25519, 32 bytes of data. libp2p peer-id spec. */
const PREFIX = Uint8Array.from([0x00, 0x24, 0x08, 0x01, 0x12, 0x20]);

/** libp2p peer id (`12D3Koo…`) of a 32-byte Ed25519 public key. */
export function peerIdOf(publicKey: Uint8Array): PeerIdString {
  if (publicKey.length !== 32) throw new RiosError('BUG_UNEXPECTED', 'a public key has 32 bytes');
  return encodeBase58(Uint8Array.from([...PREFIX, ...publicKey])) as PeerIdString;
}

/** The 32-byte Ed25519 public key inside a peer id. Throws USER_INVALID_REQUEST when there is none. */
export function publicKeyOf(peerId: string): Uint8Array {
  const bytes = decodeBase58(peerId);
  const known = PREFIX.every((byte, i) => bytes[i] === byte);
  if (!known || bytes.length !== PREFIX.length + 32)
    throw new RiosError('USER_INVALID_REQUEST', 'not the peer id of an Ed25519 key');
  return bytes.slice(PREFIX.length);
}
