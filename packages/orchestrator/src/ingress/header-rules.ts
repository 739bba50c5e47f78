import { TOKEN_HEADER } from './visitor-token.ts';

/** Names and values in turn, as they came: `node:http`'s rawHeaders. */
export type RawHeaders = readonly string[];

/** Of one connection, not of the message (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Only ingress says where a request came from: what a visitor writes there is dropped. */
const FROM_OUTSIDE = /^(x-forwarded-|x-request-id$|x-real-ip$|x-client-ip$|x-rios-|forwarded$|via$|expect$)/;

/** What ingress says of a visitor. */
export interface Visitor {
  /** IP address. */
  readonly address: string;
  readonly proto: 'http' | 'https';
  readonly host: string;
  readonly requestId: string;
}

/**
 * The headers that an application gets: the visitor's without those of the connection, those that say where it came
 * from, and our own credentials (`isOurs`: a token of this network; cookies named rios_*).
 */
export function requestHeaders(
  raw: RawHeaders,
  visitor: Visitor,
  isOurs: (authorization: string) => boolean,
): string[] {
  const dropped = connectionOptions(raw);
  const kept = filterHeaders(raw, (name, value) => {
    if (HOP_BY_HOP.has(name) || dropped.has(name) || FROM_OUTSIDE.test(name)) return undefined;
    if (name === TOKEN_HEADER || name === 'host') return undefined;
    if (name === 'authorization') return isOurs(value) ? undefined : value;
    return name === 'cookie' ? withoutOurCookies(value) : value;
  });
  return [
    ...['Host', visitor.host],
    ...kept,
    ...['X-Forwarded-For', visitor.address, 'X-Forwarded-Proto', visitor.proto],
    ...['X-Forwarded-Host', visitor.host, 'X-Request-Id', visitor.requestId],
  ];
}

/**
 * The headers that a visitor gets: the application's without those of the connection, and without cookies for more
 * than its own host: they would reach the neighbours.
 */
export function responseHeaders(raw: RawHeaders, host: string): string[] {
  const dropped = connectionOptions(raw);
  return filterHeaders(raw, (name, value) => {
    if (HOP_BY_HOP.has(name) || dropped.has(name)) return undefined;
    return name === 'set-cookie' && !isOwnCookie(value, host) ? undefined : value;
  });
}

/** Goes through each header; the value that `keep` gives stays. */
function filterHeaders(raw: RawHeaders, keep: (name: string, value: string) => string | undefined): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = '', value = ''] = [raw[index], raw[index + 1]];
    const stays = keep(name.toLowerCase(), value);
    if (stays !== undefined) kept.push(name, stays);
  }
  return kept;
}

/** What the Connection header names belongs to the connection too. */
function connectionOptions(raw: RawHeaders): ReadonlySet<string> {
  const named = raw.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() === 'connection' ? (raw[index + 1] ?? '').split(',') : [],
  );
  return new Set(named.map((name) => name.trim().toLowerCase()));
}

function withoutOurCookies(header: string): string | undefined {
  const kept = header.split(';').filter((pair) => !/^\s*rios_/i.test(pair));
  return kept.length === 0 ? undefined : kept.join(';').trim();
}

/** No Domain, or the very host: then it stays with the application. Its names are not ours either. */
function isOwnCookie(cookie: string, host: string): boolean {
  const [pair = '', ...attributes] = cookie.split(';');
  if (/^\s*rios_/i.test(pair)) return false;
  const own = host.replace(/:\d{1,5}$/, '').toLowerCase();
  return attributes.every((attribute) => {
    const [, domain] = /^\s*domain\s*=\s*"?\.?([^"]*?)"?\s*$/i.exec(attribute) ?? [];
    return domain === undefined || domain.toLowerCase() === own;
  });
}
