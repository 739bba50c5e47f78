import type { PeerAddress } from '@rios/sdk/schema/worker';

/** Up to `max` addresses of these peers: one of each in turn, so that of many peers all are named if they fit. */
export function pickAddresses(peers: readonly PeerAddress[], max: number): string[] {
  const rounds = Math.max(0, ...peers.map(({ addresses }) => addresses.length));
  const picked: string[] = [];
  for (let round = 0; round < rounds; round++) {
    picked.push(...peers.flatMap(({ addresses }) => addresses[round] ?? []));
  }
  return picked.slice(0, max);
}
