import { RiosError } from '@rios/sdk/errors/error';
import type { Express, Request, Response } from 'express';
import type { OauthServer } from '../services/oauth/oauth-server.ts';
import type { Admission } from './admit.ts';
import type { ReadClientAddress } from './client-address.ts';
import type { LiveRequests } from './live-requests.ts';
import { type RateState, setRateHeaders } from './rate-limit.ts';
import { readBody } from './read-body.ts';

/** Forms of the standard are short; ours too. */
const MAX_FORM_BYTES = 16 * 1024;
/** Nobody is known before the server has looked; calls are counted on the address. */
const PUBLIC = { scope: 'public', rate: 'default' } as const;

/**
 * Puts our OAuth 2.0 server behind the gateway's limits: it is counted, bounded, drained and logged like the
 * routes of the table, and its errors that are none of the standard's are ours.
 */
export function mountOauth(
  app: Express,
  oauth: OauthServer,
  modules: {
    readonly admission: Admission;
    readonly live: LiveRequests;
    readonly clientAddress: ReadClientAddress;
  },
): void {
  const { admission, live } = modules;
  app.use(async (request: Request, response: Response, next) => {
    if (!oauth.handles(request.method, request.path)) return next();
    if (live.draining) throw new RiosError('CAPACITY_DRAINING', 'the orchestrator is stopping');
    live.open(response);
    const address = modules.clientAddress(request);
    await admission.admit(PUBLIC, { authorization: undefined, address }, (state: RateState) =>
      setRateHeaders(response, state),
    );
    const body = await readBody(request, request.method === 'GET' ? 0 : MAX_FORM_BYTES);
    await oauth.serve(request, response, body);
  });
}
