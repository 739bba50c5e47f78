import { createIdentity } from '@rios/sdk/crypto/identity';
import { RiosError } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import type { Link } from '@rios/sdk/wire/link';
import { expect } from 'chai';
import { createRoundTrips } from '../src/round-trips.ts';
import { createFakeClock } from './support/fake-clock.ts';

const member = (): PeerAddress => ({ peerId: createIdentity().peerId, addresses: [] });

/** Round trips over members whose pings take what `pingMs` says. */
function setUp(members: PeerAddress[], pingMs: (peerId: string) => number) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const connect = async ({ peerId }: PeerAddress): Promise<Link> => {
    asked.push(peerId);
    const ping = async () => pingMs(peerId);
    return { peerId, ping } as unknown as Link;
  };
  const roundTrips = createRoundTrips({
    peer: { connect },
    members: () => members,
    clock,
    random: () => 0.5,
    log: silentLog,
  });
  roundTrips.start();
  return { clock, asked, roundTrips };
}

describe('round trips', () => {
  it('default: the least of the last rounds, per member', async () => {
    const [near, far] = [member(), member()];
    let busyMs = 50;
    const { clock, roundTrips } = setUp(
      [near, far],
      (peerId) => (peerId === near.peerId ? 0.3 : 20) + busyMs,
    );
    await clock.advance(200);
    const first = roundTrips.latest();
    busyMs = 0;
    await clock.advance(1000);
    busyMs = 50;
    await clock.advance(1000);

    expect(first).to.deep.equal({ [near.peerId]: 50.3, [far.peerId]: 70 });
    expect(roundTrips.latest()).to.deep.equal({ [near.peerId]: 0.3, [far.peerId]: 20 });
  });

  it('behaviour: forgets members that are gone or do not answer', async () => {
    const [stays, leaves, dies] = [member(), member(), member()];
    const members = [stays, leaves, dies];
    let isDead = false;
    const { clock, roundTrips } = setUp(members, (peerId) => {
      if (isDead && peerId === dies.peerId) throw new RiosError('PEER_TIMEOUT', 'no pong');
      return 1;
    });
    await clock.advance(200);
    members.splice(1, 1);
    isDead = true;
    await clock.advance(1000);

    expect(roundTrips.latest()).to.deep.equal({ [stays.peerId]: 1 });
  });

  it('behaviour: at most 32 members a round', async () => {
    const { clock, asked } = setUp(Array.from({ length: 40 }, member), () => 1);

    await clock.advance(200);

    expect(new Set(asked)).to.have.property('size', 32);
  });

  it('behaviour: settles to a round every ten seconds, and stops when told', async () => {
    const { clock, asked, roundTrips } = setUp([member()], () => 1);
    await clock.advance(200 + 3000);
    const quick = asked.length;
    await clock.advance(10_000);
    const slow = asked.length - quick;
    roundTrips.stop();
    await clock.advance(60_000);

    expect([quick, slow, asked.length]).to.deep.equal([4, 1, 5]);
  });
});
