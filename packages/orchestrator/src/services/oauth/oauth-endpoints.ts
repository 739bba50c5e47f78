import type { Principal } from '../../auth/principal.ts';
import type { Caller, Endpoints } from '../../gateway/endpoint.ts';
import type { UserModules } from '../users/modules.ts';
import { principalOf } from '../users/principal-of.ts';
import { personOf } from '../users/profile.ts';
import { createOauthClient, listOauthClients, revokeOauthClient } from './clients.ts';
import { type Approver, approveDevice, showDevice } from './devices.ts';

type OauthNames =
  | 'createOauthClient'
  | 'listOauthClients'
  | 'revokeOauthClient'
  | 'showDevice'
  | 'approveDevice';

/**
 * The routes of our OAuth 2.0 server that are ours; those of the standard are in oauth-server.ts.
 * @param checkOwn refuses tokens that may not make others
 */
export function createOauthEndpoints(
  modules: UserModules,
  checkOwn: (caller: Principal) => void,
): Pick<Endpoints, OauthNames> {
  const own = (caller: Caller) => {
    const principal = principalOf(caller);
    checkOwn(principal);
    return principal;
  };
  const approver = async (caller: Caller, address: string): Promise<Approver> => {
    const { account_id: accountId, role } = await personOf(modules, principalOf(caller));
    return { accountId, role, address };
  };
  return {
    createOauthClient: async ({ body, caller, keepAnswer }) =>
      createOauthClient(modules, own(caller), body, keepAnswer),
    listOauthClients: async ({ caller }) => ({
      clients: await listOauthClients(modules, principalOf(caller).actorId),
    }),
    revokeOauthClient: async ({ params, caller }) =>
      revokeOauthClient(modules, own(caller).actorId, params.id),
    showDevice: async ({ body, caller, address }) =>
      showDevice(modules, await approver(caller, address), body.userCode),
    approveDevice: async ({ body, caller, address }) =>
      approveDevice(modules, await approver(caller, address), body.userCode),
  };
}
