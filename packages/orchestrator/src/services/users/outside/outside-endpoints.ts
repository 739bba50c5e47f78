import type { outsideRoutes } from '@rios/sdk/api/outside-routes';
import type { Caller, Endpoints } from '../../../gateway/endpoint.ts';
import { principalOf } from '../principal-of.ts';
import { personOf } from '../profile.ts';
import { beginOutside } from './begin.ts';
import { receiveAnswer, receiveBrowser } from './callback.ts';
import { completeOutside } from './complete.ts';
import { beginLink, completeLink, listIdentities, unlinkIdentity } from './link.ts';
import type { OutsideModules } from './outside-modules.ts';

export type OutsideEndpoints = Pick<Endpoints, keyof typeof outsideRoutes>;

/** Outside logins as endpoints of the routes in sdk/api/outside-routes.ts. */
export function createOutsideEndpoints(modules: OutsideModules): OutsideEndpoints {
  const person = (caller: Caller) => personOf(modules, principalOf(caller));
  return {
    listOutsideLogins: async () => ({
      logins: [...modules.outside.providers.values()].map(({ id, issuer }) => ({ id, issuer })),
    }),
    startOutside: ({ params, body, address }) =>
      beginOutside(modules, { login: params.id, client: body.client, address, accountId: null }),
    outsideCallback: ({ params, query }) => {
      const { state, code, iss, error } = query;
      return receiveBrowser(modules, params.id, { state, code, iss, error });
    },
    confirmOutside: ({ bytes }) => receiveAnswer(modules, bytes),
    completeOutside: ({ body, address }) => completeOutside(modules, { ...body, address }),
    linkOutside: async ({ params, body, caller, address }) =>
      beginLink(modules, await person(caller), { ...body, login: params.id, address }),
    completeLink: async ({ body, caller }) => completeLink(modules, await person(caller), body.claim),
    listOutsideIdentities: async ({ caller }) => ({
      identities: await listIdentities(modules, principalOf(caller).actorId),
    }),
    unlinkOutside: async ({ params, caller }) => {
      await unlinkIdentity(modules, await person(caller), params.id);
      return { ok: true };
    },
  };
}
