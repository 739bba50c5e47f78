import { expect } from 'chai';
import { orchestratorsOf } from '../src/orchestrators.ts';
import { codeOf } from './support/errors.ts';

describe('orchestratorsOf', () => {
  const A = '12D3KooWDztzMDQ6NHtppjV4UTFiWQjyaZ4KmgkToTBZkjN3v7sb';
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
