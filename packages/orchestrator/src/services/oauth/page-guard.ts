import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toBase64url } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';
import type { Random } from '../../auth/secret-text.ts';

const COOKIE = 'rios_form';
const VALUE = /^[A-Za-z0-9_-]{43}$/;

/** The field of a form that must repeat the cookie. */
export const GUARD_FIELD = 'guard';

/**
 * What the forms of this browser must send back: the value of its cookie, made when it has none. Another site can
 * make the browser post a form, but can neither read the cookie nor get it sent (SameSite=Strict).
 */
export function guardOf(
  request: IncomingMessage,
  response: ServerResponse,
  { random, isSecure }: { readonly random: Random; readonly isSecure: boolean },
): string {
  const known = readGuard(request);
  if (known !== undefined) return known;
  const value = toBase64url(random(32));
  const secure = isSecure ? '; Secure' : '';
  response.appendHeader('set-cookie', `${COOKIE}=${value}; Path=/oauth; HttpOnly; SameSite=Strict${secure}`);
  return value;
}

/**
 * Refuses a form that was not sent from a page of ours in this browser.
 * @param origins that our pages have
 * @throws RiosError AUTH_FORBIDDEN
 */
export function checkGuard(
  request: IncomingMessage,
  form: URLSearchParams,
  origins: readonly string[],
): string {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const foreign = origin !== undefined && !origins.includes(origin);
  const crossSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  const expected = readGuard(request);
  const given = form.get(GUARD_FIELD) ?? '';
  if (foreign || crossSite || expected === undefined || !isSame(expected, given)) {
    throw new RiosError(
      'AUTH_FORBIDDEN',
      'this form was not sent from our page, or the page was open for too long',
      {
        hint: 'Open the page again, with cookies allowed.',
      },
    );
  }
  return expected;
}

function readGuard(request: IncomingMessage): string | undefined {
  const all = (request.headers.cookie ?? '').split(';').map((one) => one.trim().split('='));
  const values = all.filter(([name]) => name === COOKIE).map(([, value = '']) => value);
  return values.length === 1 ? values.find((value) => VALUE.test(value)) : undefined;
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
