const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What may be spoken to in plain text. */
export const isLoopback = (url: URL): boolean => LOOPBACK.test(url.hostname);

/** https, or http where both ends are this machine. Secrets and codes go to nothing else. */
export function isSecureUrl(url: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}
