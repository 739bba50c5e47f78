import { expect } from 'chai';
import { createHops } from '../../src/serve/hops.ts';

describe('hops', () => {
  it('default: median and 95th percentile by nearest rank', () => {
    const hops = createHops();
    for (let ms = 100; ms >= 1; ms--) hops.add('peer', ms);

    expect(hops.of('peer')).to.deep.equal({ hopMsP50: 50, hopMsP95: 95 });
  });

  it('behaviour: zeros for a peer never asked', () => {
    expect(createHops().of('peer')).to.deep.equal({ hopMsP50: 0, hopMsP95: 0 });
  });

  it('behaviour: only the newest calls count', () => {
    const hops = createHops();
    for (let i = 0; i < 5000; i++) hops.add('peer', 1);
    for (let i = 0; i < 4096; i++) hops.add('peer', 9);

    expect(hops.of('peer')).to.deep.equal({ hopMsP50: 9, hopMsP95: 9 });
  });
});
