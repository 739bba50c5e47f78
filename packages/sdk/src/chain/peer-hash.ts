import { createHash } from 'node:crypto';
import { decodeBase58 } from '../crypto/base58.ts';

/** What WorkerRegistry knows a peer by: sha256 of the peer id's bytes, as 0x and 64 hex digits (bytes32). */
export function peerHashOf(peerId: string): string {
  return `0x${createHash('sha256').update(decodeBase58(peerId)).digest('hex')}`;
}
