import { RiosError } from '@rios/sdk/errors/error';
import type { Link } from '@rios/sdk/wire/link';
import { expect } from 'chai';
import { createLinkWatch } from '../../src/serve/link-watch.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** A link that pings as told, and can be closed. */
function createTestLink(ping: () => Promise<number> = async () => 1) {
  const ended = Promise.withResolvers<Error>();
  let closed = false;
  let pings = 0;
  const link: Link = {
    peerId: 'peer',
    get closed() {
      return closed;
    },
    whenClosed: ended.promise,
    request: () => Promise.reject(new Error('not used')),
    push: () => Promise.reject(new Error('not used')),
    ping: () => {
      pings++;
      return ping();
    },
    close: async (reason) => {
      closed = true;
      ended.resolve(reason ?? new Error('closed'));
    },
  };
  return { link, pings: () => pings };
}

describe('link watch', () => {
  it('default: everybody who watches hears of the loss, once', async () => {
    const clock = createFakeClock();
    const watch = createLinkWatch(clock);
    const { link } = createTestLink();
    const heard: string[] = [];
    watch.watch(link, ({ code }) => heard.push(`a ${code}`));
    watch.watch(link, ({ code }) => heard.push(`b ${code}`));
    const stop = watch.watch(link, () => heard.push('c'));

    stop();
    await link.close();
    await clock.advance(60_000);

    expect(heard).to.deep.equal(['a PEER_LOST', 'b PEER_LOST']);
  });

  it('behaviour: a link that is closed already is told of soon', async () => {
    const clock = createFakeClock();
    const watch = createLinkWatch(clock);
    const { link } = createTestLink();
    await link.close();
    const heard: string[] = [];

    watch.watch(link, ({ code }) => heard.push(code));
    await clock.advance(0);

    expect(heard).to.deep.equal(['PEER_LOST']);
  });

  it('behaviour: pings while watched, and not afterwards', async () => {
    const clock = createFakeClock();
    const watch = createLinkWatch(clock);
    const { link, pings } = createTestLink();
    const stop = watch.watch(link, () => {});
    await clock.advance(2000);
    await clock.advance(2000);
    const during = pings();

    stop();
    await clock.advance(60_000);

    expect([during, pings()]).to.deep.equal([2, 2]);
  });

  it('behaviour: sessions that come and go do not add pings', async () => {
    const clock = createFakeClock();
    const watch = createLinkWatch(clock);
    const { link, pings } = createTestLink();
    for (let i = 0; i < 10; i++) watch.watch(link, () => {})();
    watch.watch(link, () => {});

    await clock.advance(2000);

    expect(pings()).to.equal(1);
  });

  it('behaviour: a peer that answers no ping is lost', async () => {
    const clock = createFakeClock();
    const watch = createLinkWatch(clock);
    const { link } = createTestLink(() => Promise.reject(new RiosError('PEER_TIMEOUT', 'no pong')));
    const heard: string[] = [];
    watch.watch(link, ({ code }) => heard.push(code));

    await clock.advance(2000);

    expect(heard).to.deep.equal(['PEER_LOST']);
  });
});
