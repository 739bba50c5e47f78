import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { Peer } from '@rios/sdk/p2p/peer';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import { DATA } from '@rios/sdk/wire/methods';

/** Measures how far the other members are. */
export interface RoundTrips {
  start(): void;
  /** Least of the last rounds per listed peer, milliseconds: a busy moment is not distance. */
  latest(): Record<string, number>;
  /** Measures again soon: the list of members has changed. */
  membersChanged(): void;
  stop(): void;
}

export interface RoundTripModules {
  readonly peer: Pick<Peer, 'connect'>;
  readonly members: () => readonly PeerAddress[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** Peers measured in one round. */
const MAX_PEERS = 32;
const ROUND_MS = 10_000;
const SOON_MS = 200;
const TIMEOUT_MS = 2_000;
const PINGS = 3;
/** Rounds whose least counts. The first few come quickly, since a fresh process answers late. */
const ROUNDS = 4;
const QUICK_MS = 1_000;

/** Pings at most 32 members (a random choice of more) every second at first, then every 10 s, with jitter. */
export function createRoundTrips({ peer, members, clock, random, log }: RoundTripModules): RoundTrips {
  const times = new Map<string, number[]>();
  let rounds = 0;
  let stopped = false;
  let cancel = () => {};
  const schedule = (delayMs: number) => {
    cancel();
    if (!stopped) cancel = clock.after(delayMs, () => void round());
  };
  const measure = async (member: PeerAddress) => {
    try {
      const link = await peer.connect(member, DATA, { timeoutMs: TIMEOUT_MS });
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < PINGS; i++) best = Math.min(best, await link.ping(TIMEOUT_MS));
      times.set(member.peerId, [best, ...(times.get(member.peerId) ?? [])].slice(0, ROUNDS));
    } catch (error) {
      times.delete(member.peerId);
      log.debug('a member could not be pinged', { peerId: member.peerId, error: String(error) });
    }
  };
  const round = async () => {
    const listed = members();
    const known = new Set(listed.map(({ peerId }) => peerId));
    for (const peerId of times.keys()) if (!known.has(peerId)) times.delete(peerId);
    const chosen = listed.length <= MAX_PEERS ? listed : sample(listed, MAX_PEERS, random);
    await Promise.all(chosen.map(measure));
    schedule((++rounds < ROUNDS ? QUICK_MS : ROUND_MS) * (0.8 + 0.4 * random()));
  };
  return {
    start: () => schedule(SOON_MS),
    latest: () => Object.fromEntries(Array.from(times, ([peerId, last]) => [peerId, Math.min(...last)])),
    membersChanged() {
      rounds = 0;
      schedule(SOON_MS);
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}

function sample<T>(values: readonly T[], count: number, random: () => number): T[] {
  const keyed = values.map((value) => ({ value, key: random() }));
  return keyed
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ value }) => value);
}
