import type { ErrorCode } from '@rios/sdk/errors/catalog';
import { RiosError } from '@rios/sdk/errors/error';
import type Docker from 'dockerode';
import { engineError } from './engine-error.ts';

/** Longest that an engine may take for a short call. */
const CALL_MS = 30_000;

/** Opens no connection; `host` is `unix:///…`. Throws USER_INVALID_REQUEST for another form. Loads dockerode. */
export async function connectDocker(host: string): Promise<Docker> {
  const path = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  if (path === undefined)
    throw new RiosError(
      'USER_INVALID_REQUEST',
      `${JSON.stringify(host)} is no address of a container engine`,
      {
        hint: 'Write unix:///path/of/the/socket: an engine on another machine cannot be verified.',
      },
    );
  const { default: Client } = await import('dockerode');
  return new Client({ socketPath: path });
}

/** Calls the engine with a deadline. Throws what `engineError` makes of a failure. */
export async function callEngine<T>(
  what: string,
  call: (options: { abortSignal: AbortSignal }) => Promise<T>,
  { refused, timeoutMs = CALL_MS }: { readonly refused?: ErrorCode; readonly timeoutMs?: number } = {},
): Promise<T> {
  const abortSignal = AbortSignal.timeout(timeoutMs);
  const late = Promise.withResolvers<never>();
  const onLate = () => late.reject(new RiosError('DEPLOY_ENGINE', `${what}: no answer in ${timeoutMs} ms`));
  abortSignal.addEventListener('abort', onLate, { once: true });
  try {
    return await Promise.race([call({ abortSignal }), late.promise]);
  } catch (error) {
    throw engineError(error, what, refused);
  } finally {
    abortSignal.removeEventListener('abort', onLate);
  }
}

/** One call that dockerode has no name for: Podman's own. The answer is not checked. */
export async function dialEngine(
  docker: Docker,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<unknown> {
  const options = {
    path,
    method,
    options: body === undefined ? undefined : { _body: body },
    abortSignal: AbortSignal.timeout(CALL_MS),
    statusCodes: { 200: true, 201: true, 404: 'not found', 409: 'conflict', 500: 'server error' },
  };
  return await new Promise<unknown>((resolve, reject) => {
    docker.modem.dial(options, (error: unknown, answer: unknown) => {
      if (error) reject(error);
      else resolve(answer);
    });
  });
}
