import { isIP, type Socket } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { createAddressReader } from '../../src/gateway/client-address.ts';

const read = createAddressReader(['127.0.0.1', '10.0.0.0/8', '2001:db8:1::/48']);
const addressOf = (peer: string | undefined, forwarded?: string) =>
  read({
    socket: { remoteAddress: peer } as Socket,
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  });

describe('createAddressReader', () => {
  it('default: without proxies the header counts for nothing', () => {
    const direct = createAddressReader([]);
    const socket = { remoteAddress: '127.0.0.1' } as Socket;

    expect(direct({ socket, headers: { 'x-forwarded-for': '203.0.113.9' } })).to.equal('127.0.0.1');
  });

  for (const [what, peer, forwarded, expected] of [
    ['a peer that is no proxy', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['a proxy without the header', '127.0.0.1', undefined, '127.0.0.1'],
    ['one hop', '127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['what a client put before it is not looked at', '127.0.0.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['a chain of proxies is passed', '127.0.0.1', '1.1.1.1, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['a chain that is all proxies ends at the farthest', '127.0.0.1', '10.0.0.7, 10.0.0.8', '10.0.0.7'],
    ['no address: the hop before it', '127.0.0.1', '203.0.113.9, unknown', '127.0.0.1'],
    ['no address further left changes nothing', '127.0.0.1', '<script>, 203.0.113.9', '203.0.113.9'],
    ['an empty hop', '127.0.0.1', '203.0.113.9,', '127.0.0.1'],
    ['a port', '127.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['an address of IPv6 with a port', '127.0.0.1', '[2001:db8::5]:4711', '2001:db8::5'],
    ['one spelling of IPv6', '127.0.0.1', '2001:0DB8:0000::0005', '2001:db8::5'],
    ['IPv4 inside IPv6, as a peer', '::ffff:203.0.113.9', '1.1.1.1', '203.0.113.9'],
    ['IPv4 inside IPv6, as a proxy and a hop', '::ffff:127.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
    ['a zone', '127.0.0.1', 'fe80::1%eth0', '127.0.0.1'],
    ['a proxy of IPv6', '2001:db8:1:2::3', '203.0.113.9', '203.0.113.9'],
    ['a decimal number', '127.0.0.1', '3405803785', '127.0.0.1'],
    ['octal', '127.0.0.1', '0313.0.0113.9', '127.0.0.1'],
    ['a socket that is gone', undefined, '203.0.113.9', ''],
  ] as const) {
    it(`behaviour: ${what}`, () => {
      expect(addressOf(peer, forwarded)).to.equal(expected);
    });
  }

  it('behaviour: a huge header is read from its near end', () => {
    const huge = `${'1.1.1.1, '.repeat(200_000)}10.0.0.1`;
    const started = performance.now();

    expect(addressOf('127.0.0.1', `${huge}, 203.0.113.9`)).to.equal('203.0.113.9');
    expect(addressOf('127.0.0.1', '10.0.0.1,'.repeat(200_000))).to.equal('127.0.0.1');
    expect(addressOf('127.0.0.1', `2.2.2.2,${'10.0.0.1,'.repeat(40)}10.0.0.2`)).to.equal('10.0.0.1');
    expect(performance.now() - started).to.be.below(1000);
  });

  it('behaviour: whatever is in the header, the outcome is an address, and not one left of a stranger', () => {
    const hop = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(fc.array(hop, { maxLength: 40 }), (hops) => {
        const spoofed = addressOf('127.0.0.1', [...hops, '203.0.113.9', '10.9.9.9'].join(','));
        expect(spoofed).to.equal('203.0.113.9');
        expect(isIP(addressOf('127.0.0.1', hops.join(',')))).to.be.oneOf([4, 6]);
      }),
    );
  });
});
