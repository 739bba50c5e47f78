import { RiosError } from '@rios/sdk/errors/error';

/**
 * Checks the origin under which users reach the API, for example behind a proxy with TLS: https, or http on
 * loopback, and nothing after the host. Returns it without a slash at its end.
 * @throws RiosError USER_INVALID_REQUEST
 */
export function parsePublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && `${url.origin}/` === url.href;
  if (isOrigin && (url.protocol === 'https:' || isPlainLoopback(url))) return url.origin;
  throw new RiosError('USER_INVALID_REQUEST', '--public-url is no https origin', {
    hint: 'Give scheme and host, and a port where it has one: --public-url https://rios.example.org.',
  });
}

const isPlainLoopback = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' &&
  (hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname));
