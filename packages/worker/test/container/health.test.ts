import type { AppHealth } from '@rios/sdk/schema/app';
import { expect } from 'chai';
import { nextHealth, nextProbeMs, UNPROBED } from '../../src/container/health.ts';

const HTTP: AppHealth = {
  kind: 'http',
  path: '/',
  port: 8080,
  graceMs: 1000,
  intervalMs: 500,
  timeoutMs: 100,
  threshold: 2,
};

describe('nextHealth', () => {
  it('default: healthy by one success, unhealthy by failures in a row, healthy again', () => {
    const up = nextHealth(UNPROBED, true, HTTP, 10);
    const once = nextHealth(up, false, HTTP, 2000);
    const twice = nextHealth(once, false, HTTP, 2500);
    const again = nextHealth(twice, true, HTTP, 3000);

    expect([up, once, twice, again].map(({ state }) => state)).to.deep.equal([
      'healthy',
      'healthy',
      'unhealthy',
      'healthy',
    ]);
    expect(again.failures).to.equal(0);
  });

  it('behaviour: failures during the grace do not count', () => {
    const early = nextHealth(UNPROBED, false, HTTP, 999);
    const late = nextHealth(nextHealth(early, false, HTTP, 1000), false, HTTP, 1500);

    expect(early).to.deep.equal(UNPROBED);
    expect(late.state).to.equal('unhealthy');
  });

  it('behaviour: who was healthy has no grace left', () => {
    const down = nextHealth(nextHealth({ state: 'healthy', failures: 0 }, false, HTTP, 10), false, HTTP, 20);

    expect(down.state).to.equal('unhealthy');
  });

  it('behaviour: asked often until it is healthy, then by the interval; without a probe once', () => {
    expect(nextProbeMs(UNPROBED, HTTP)).to.equal(100);
    expect(nextProbeMs({ state: 'healthy', failures: 0 }, HTTP)).to.equal(500);
    expect(nextProbeMs({ state: 'starting', failures: 1 }, HTTP)).to.equal(500);
    expect(nextProbeMs({ state: 'healthy', failures: 0 }, { kind: 'none' })).to.equal(undefined);
  });
});
