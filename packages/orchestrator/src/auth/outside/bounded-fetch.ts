import { RiosError } from '@rios/sdk/errors/error';
import { isLoopback, isSecureUrl } from './secure-url.ts';

/** No document of a provider is as large as this. */
const MAX_BODY_BYTES = 512 * 1024;

export type BoundedFetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * `fetch` for talking to a provider: the body is read whole within the deadline and the bound, redirects are not
 * followed, and a provider elsewhere cannot point us at plain text or at this machine.
 * @param issuer decides whether http on loopback is allowed: only when it is there itself
 * @throws RiosError SERVICE_UNAVAILABLE (from the returned function)
 */
export function createBoundedFetch(issuer: URL, deadline: AbortSignal): BoundedFetch {
  return async (text, init) => {
    const url = new URL(text);
    if (!isSecureUrl(url) || (isLoopback(url) && !isLoopback(issuer))) {
      throw unavailable(issuer, 'it names an address that is not asked');
    }
    const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    try {
      const response = await fetch(url, { ...init, redirect: 'manual', signal });
      const body = await readBounded(response, issuer);
      const empty = [101, 204, 205, 304].includes(response.status);
      return new Response(empty ? null : body, { status: response.status, headers: response.headers });
    } catch (cause) {
      if (cause instanceof RiosError) throw cause;
      throw unavailable(
        issuer,
        signal.aborted ? 'it does not answer in time' : 'it cannot be reached',
        cause,
      );
    }
  };
}

async function readBounded(response: Response, issuer: URL): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > MAX_BODY_BYTES) throw unavailable(issuer, `it answers more than ${MAX_BODY_BYTES} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

const unavailable = (issuer: URL, why: string, cause?: unknown) =>
  new RiosError('SERVICE_UNAVAILABLE', `the login provider ${issuer.origin}: ${why}`, {
    hint: 'Try again shortly, or log in another way.',
    cause,
  });
