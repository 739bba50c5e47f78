import { expect } from 'chai';
import { type ReconnectModules, reconnect, reconnectDelayMs } from '../src/reconnect.ts';
import { createFakeClock } from './support/fake-clock.ts';

describe('reconnectDelayMs', () => {
  it('default: doubles to 15 s, half of it random', () => {
    expect([0, 1, 2, 30].map((pass) => reconnectDelayMs(pass, () => 1))).to.deep.equal([
      500, 1000, 2000, 15_000,
    ]);
    expect(reconnectDelayMs(1, () => 0)).to.equal(500);
  });
});

describe('reconnect', () => {
  const series = (settings: Partial<ReconnectModules<string>> = {}) => {
    const clock = createFakeClock();
    const stopping = new AbortController();
    const passes: (readonly unknown[])[] = [];
    const running = reconnect({
      targets: () => ['a', 'b'],
      connect: () => Promise.reject(new Error('refused')),
      onPass: (errors) => passes.push(errors),
      clock,
      random: () => 1,
      signal: stopping.signal,
      ...settings,
    });
    return { clock, passes, running, stop: () => stopping.abort() };
  };
  /** Connects like `connect`, and notes when to whom. */
  const noting = (connect: (to: string) => Promise<void>) => {
    const tried: string[] = [];
    return {
      tried,
      connect: (to: string) => {
        tried.push(to);
        return connect(to);
      },
    };
  };

  it('default: tries all at once, and pauses only then', async () => {
    const { tried, connect } = noting(() => Promise.reject(new Error('refused')));
    const { clock, passes, stop, running } = series({ connect });

    await clock.advance(499);
    expect(tried).to.deep.equal(['a', 'b']);
    await clock.advance(1);
    expect(tried).to.deep.equal(['a', 'b', 'a', 'b']);
    expect(passes[0]).to.have.length(2);

    stop();
    await running;
  });

  it('behaviour: after a good connection the next one is tried at once', async () => {
    const ends: (() => void)[] = [];
    const { tried, connect } = noting(() => new Promise((resolve) => ends.push(resolve)));
    const { clock, passes, stop, running } = series({ connect });
    await clock.advance(10_000);

    ends[0]?.();
    await clock.advance(0);

    expect(tried).to.deep.equal(['a', 'a']);
    expect(passes).to.deep.equal([]);
    stop();
    ends[1]?.();
    await running;
  });

  it('behaviour: connections that break at once are paused between', async () => {
    const { tried, connect } = noting(() => Promise.resolve());
    const { clock, stop, running } = series({ connect });

    await clock.advance(1_499);

    expect(tried).to.have.length(4);
    stop();
    await running;
  });

  it('behaviour: what onPass throws ends the series', async () => {
    const refusal = new Error('not a member');

    const { running } = series({
      onPass: () => {
        throw refusal;
      },
    });

    expect(await running.catch((error: unknown) => error)).to.equal(refusal);
  });
});
