import { expect } from 'chai';
import { addressesOf, mergeOrchestrators, orchestratorsOf, passOver } from '../src/orchestrators.ts';
import { codeOf } from './support/errors.ts';

const A = '12D3KooWDztzMDQ6NHtppjV4UTFiWQjyaZ4KmgkToTBZkjN3v7sb';

describe('orchestratorsOf', () => {
  const B = '12D3KooWM72x9gDKhCMnMpiNw36SPVZZM9KW3aRUuz1CVKTnPLfp';

  it('default: one entry per peer, with all its addresses', () => {
    const addresses = [
      `/ip4/1.1.1.1/tcp/1/p2p/${A}`,
      `/ip4/2.2.2.2/tcp/1/p2p/${B}`,
      `/ip6/::1/tcp/1/p2p/${A}`,
    ];

    expect(orchestratorsOf(addresses)).to.deep.equal([
      { peerId: A, addresses: [addresses[0], addresses[2]] },
      { peerId: B, addresses: [addresses[1]] },
    ]);
  });

  it('error PEER_UNREACHABLE: no address names a peer', async () => {
    expect(await codeOf(() => orchestratorsOf(['/ip4/1.1.1.1/tcp/1']))).to.equal('PEER_UNREACHABLE');
  });
});

describe('mergeOrchestrators', () => {
  const one = (peerId: string, port = 1) => ({ peerId, addresses: [`/ip4/1.1.1.1/tcp/${port}`] });

  it('default: the live ones as they are now, then those known before', () => {
    expect(mergeOrchestrators([one('a'), one('b')], [one('b', 2), one('c')])).to.deep.equal([
      one('b', 2),
      one('c'),
      one('a'),
    ]);
  });

  it('behaviour: one without an address does not replace what is known', () => {
    expect(mergeOrchestrators([one('a')], [{ peerId: 'a', addresses: [] }])).to.deep.equal([one('a')]);
  });

  it('behaviour: remembers 16 at most, the live ones first', () => {
    const many = Array.from({ length: 16 }, (_, index) => one(`old-${index}`));

    const merged = mergeOrchestrators(many, [one('a')]);

    expect(merged).to.have.length(16);
    expect(merged[0]).to.deep.equal(one('a'));
  });

  it('behaviour: the one that was left is tried last', () => {
    expect(passOver([one('a'), one('b'), one('c')], one('a')).map(({ peerId }) => peerId)).to.deep.equal([
      'b',
      'c',
      'a',
    ]);
  });

  it('behaviour: its addresses lead to the same orchestrators again', () => {
    const known = [{ peerId: A, addresses: ['/ip4/1.1.1.1/tcp/1', `/ip4/2.2.2.2/tcp/2/p2p/${A}`] }];

    expect(addressesOf(known)).to.deep.equal([`/ip4/1.1.1.1/tcp/1/p2p/${A}`, `/ip4/2.2.2.2/tcp/2/p2p/${A}`]);
    expect(addressesOf(orchestratorsOf(addressesOf(known)))).to.deep.equal(addressesOf(known));
  });
});
