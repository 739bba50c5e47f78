import { appNameSchema } from '@rios/sdk/schema/app';

/**
 * The application that a Host header names: the label before `domain`, such as `hello` of `hello.localhost:8443`.
 * Undefined for the domain itself, another one, or what can be no name.
 */
export function appOfHost(host: string | undefined, domain: string): string | undefined {
  const name = (host ?? '')
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '')
    .toLowerCase();
  const suffix = `.${domain.toLowerCase()}`;
  if (!name.endsWith(suffix)) return undefined;
  return appNameSchema.safeParse(name.slice(0, -suffix.length)).data;
}

/** Names that every browser takes for this machine. */
export const isLocal = (domain: string): boolean => domain === 'localhost' || domain.endsWith('.localhost');

/**
 * Where people reach an application. Served without TLS under a name that is not this machine's, a proxy with TLS is
 * in front.
 * @param origin where ingress listens
 */
export function urlOfApp(name: string, domain: string, origin: URL): string {
  if (origin.protocol === 'http:' && !isLocal(domain)) return `https://${name}.${domain}`;
  return `${origin.protocol}//${name}.${domain}${origin.port === '' ? '' : `:${origin.port}`}`;
}
