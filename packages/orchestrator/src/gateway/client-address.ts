import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, SocketAddress } from 'node:net';
import { RiosError } from '@rios/sdk/errors/error';

/** Hops looked at, from the nearest; no honest chain of proxies is longer. */
const MAX_HOPS = 32;

/** Who a request comes from: what rate limits, lockouts, sessions and the audit log go by. */
export type ReadClientAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * Reads the client's address. It is the peer's own, unless that is a trusted proxy: then the right-most hop of
 * X-Forwarded-For that is none. What stands further left was written by strangers, so it is not looked at; at a
 * hop that is no address reading ends with the hop before it.
 * @param proxies addresses or networks (`10.0.0.0/8`, `::1`) as parseProxy takes them
 */
export function createAddressReader(proxies: readonly string[]): ReadClientAddress {
  const trusted = new BlockList();
  for (const proxy of proxies) {
    const { address, prefix, family } = parseProxy(proxy);
    trusted.addSubnet(address, prefix, family);
  }
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return ({ headers, socket }) => {
    const peer = plainAddress(socket.remoteAddress ?? '') ?? '';
    return isTrusted(peer) ? behind(peer, headers['x-forwarded-for'], isTrusted) : peer;
  };
}

function behind(
  peer: string,
  header: string | string[] | undefined,
  isTrusted: (address: string) => boolean,
): string {
  const hops = String(header ?? '')
    .split(',')
    .slice(-MAX_HOPS)
    .reverse();
  let nearest = peer;
  for (const hop of hops) {
    const address = plainAddress(hop.trim());
    if (address === undefined) return nearest;
    if (!isTrusted(address)) return address;
    nearest = address;
  }
  return nearest;
}

/** One spelling of each address, IPv4 also where it came inside IPv6; undefined for what is none. */
function plainAddress(text: string): string | undefined {
  const bare = withoutPort(text);
  if (isIP(bare) === 4) return bare;
  if (isIP(bare) !== 6 || bare.includes('%')) return undefined;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address;
}

/** Some proxies write `1.2.3.4:567` and `[::1]:567`. */
const withoutPort = (text: string): string =>
  /^\[([^\]]{2,45})\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]{7,15}):\d{1,5}$/.exec(text)?.[1] ?? text;

/**
 * Reads an address or a network in CIDR form. All addresses at once (`/0`) are refused: then everybody could say
 * to be anybody. @throws RiosError USER_INVALID_REQUEST
 */
export function parseProxy(text: string): {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
} {
  const [, address = '', digits] = /^([0-9A-Fa-f.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const most = family === 'ipv6' ? 128 : 32;
  const prefix = digits === undefined ? most : Number(digits);
  if (isIP(address) !== 0 && prefix >= 1 && prefix <= most) return { address, prefix, family };
  throw new RiosError(
    'USER_INVALID_REQUEST',
    `--trusted-proxy: ${JSON.stringify(text.slice(0, 60))} is no network`,
    {
      hint: 'Give for example --trusted-proxy 127.0.0.1 or --trusted-proxy 10.0.0.0/8.',
    },
  );
}
