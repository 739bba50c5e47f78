import type { accountRoutes } from '@rios/sdk/api/account-routes';
import { RiosError } from '@rios/sdk/errors/error';
import type { Principal } from '../../auth/principal.ts';
import type { SigningKeys } from '../../auth/signing-keys.ts';
import type { Caller, Endpoints } from '../../gateway/endpoint.ts';
import { createOauthEndpoints } from '../oauth/oauth-endpoints.ts';
import { listAudit, verifyAudit } from './audit-log.ts';
import { login } from './login.ts';
import type { UserModules } from './modules.ts';
import { inviteMember, joinOrg, removeMember, setMemberRole } from './org-members.ts';
import { createOrg, listOrgs } from './orgs.ts';
import { principalOf } from './principal-of.ts';
import * as profile from './profile.ts';
import { requestReset, resetPassword } from './reset.ts';
import { confirmTotp, disableTotp, enrolTotp, renewRecoveryCodes } from './second-factor.ts';
import { listSessions, refreshSession, revokeSession } from './sessions.ts';
import { signUp, verifyEmail } from './sign-up.ts';
import { createToken, listTokens, revokeToken } from './tokens.ts';

export type AccountEndpoints = Pick<Endpoints, keyof typeof accountRoutes>;

const OK = { ok: true } as const;

/** The user service as endpoints of the routes in sdk/api/account-routes.ts. */
export function createAccountEndpoints(modules: UserModules, keys: SigningKeys): AccountEndpoints {
  return {
    ...signUpEndpoints(modules),
    ...sessionEndpoints(modules, keys),
    ...profileEndpoints(modules),
    ...totpEndpoints(modules),
    ...tokenEndpoints(modules),
    ...orgEndpoints(modules),
    ...memberEndpoints(modules),
    ...createOauthEndpoints(modules, checkNoApiToken),
    listAudit: async ({ query }) => ({ entries: await listAudit(modules.store, query.before, query.limit) }),
    verifyAudit: () => verifyAudit(modules.store),
  };
}

/** Tokens beget no tokens: a leaked one must not outlive its expiry or its revocation. */
function checkNoApiToken(caller: Principal): void {
  if (caller.tokenKind === 'local' || caller.tokenKind === 'session') return;
  throw new RiosError('AUTH_FORBIDDEN', 'an API token may not do this', { hint: 'Log in: rios login.' });
}

type SignUpNames = 'signUp' | 'verifyEmail' | 'requestReset' | 'resetPassword';

function signUpEndpoints(modules: UserModules): Pick<AccountEndpoints, SignUpNames> {
  return {
    signUp: async ({ body, address }) => {
      await signUp(modules, body, address);
      return OK;
    },
    verifyEmail: async ({ body, address }) => {
      await verifyEmail(modules, body.token, address);
      return OK;
    },
    requestReset: async ({ body, address }) => {
      await requestReset(modules, body.email, address);
      return OK;
    },
    resetPassword: async ({ body, address }) => {
      await resetPassword(modules, body, address);
      return OK;
    },
  };
}

type SessionNames = 'login' | 'refreshSession' | 'logout' | 'listSessions' | 'revokeSession' | 'jwks';

function sessionEndpoints(modules: UserModules, keys: SigningKeys): Pick<AccountEndpoints, SessionNames> {
  return {
    login: ({ body, address }) => login(modules, body, address),
    refreshSession: ({ body }) => refreshSession(modules, body.refreshToken),
    logout: async ({ caller }) => {
      const { actorId, sessionId } = principalOf(caller);
      if (sessionId === null) throw new RiosError('NOT_FOUND', 'this token belongs to no session');
      await revokeSession(modules, actorId, sessionId);
      return OK;
    },
    listSessions: async ({ caller }) => {
      const { actorId, sessionId } = principalOf(caller);
      return { sessions: await listSessions(modules, actorId, sessionId) };
    },
    revokeSession: async ({ params, caller }) => {
      const principal = principalOf(caller);
      checkNoApiToken(principal);
      await revokeSession(modules, principal.actorId, params.id);
      return OK;
    },
    jwks: () => keys.jwks(),
  };
}

type ProfileNames = 'whoami' | 'updateProfile' | 'changePassword' | 'setAccountRole';

function profileEndpoints(modules: UserModules): Pick<AccountEndpoints, ProfileNames> {
  return {
    whoami: ({ caller }) => profile.whoami(modules, principalOf(caller)),
    updateProfile: async ({ body, caller }) => {
      await profile.updateProfile(modules, await profile.personOf(modules, principalOf(caller)), body);
      return OK;
    },
    changePassword: async ({ body, caller, address }) => {
      const { sessionId } = principalOf(caller);
      const user = await profile.personOf(modules, principalOf(caller));
      await profile.changePassword(modules, user, { ...body, address, sessionId });
      return OK;
    },
    setAccountRole: async ({ body, caller }) => {
      const principal = principalOf(caller);
      checkNoApiToken(principal);
      await profile.setRole(modules, principal.actorId, body);
      return OK;
    },
  };
}

type TotpNames = 'enrolTotp' | 'confirmTotp' | 'disableTotp' | 'renewRecoveryCodes';

function totpEndpoints(modules: UserModules): Pick<AccountEndpoints, TotpNames> {
  const personOf = (caller: Caller) => profile.personOf(modules, principalOf(caller));
  return {
    enrolTotp: async ({ body, caller, address }) =>
      enrolTotp(modules, await personOf(caller), { ...body, address }),
    confirmTotp: async ({ body, caller }) => ({
      recoveryCodes: await confirmTotp(modules, await personOf(caller), body.code),
    }),
    renewRecoveryCodes: async ({ body, caller, address }) => ({
      recoveryCodes: await renewRecoveryCodes(modules, await personOf(caller), { ...body, address }),
    }),
    disableTotp: async ({ body, caller, address }) => {
      await disableTotp(modules, await personOf(caller), { ...body, address });
      return OK;
    },
  };
}

function tokenEndpoints(
  modules: UserModules,
): Pick<AccountEndpoints, 'createToken' | 'listTokens' | 'revokeToken'> {
  return {
    createToken: async ({ body, caller, keepAnswer }) => {
      const principal = principalOf(caller);
      checkNoApiToken(principal);
      return createToken(modules, principal, body, keepAnswer);
    },
    listTokens: async ({ caller }) => ({ tokens: await listTokens(modules, principalOf(caller).actorId) }),
    revokeToken: async ({ params, caller }) => {
      const principal = principalOf(caller);
      checkNoApiToken(principal);
      return revokeToken(modules, principal.actorId, params.id);
    },
  };
}

function orgEndpoints(modules: UserModules): Pick<AccountEndpoints, 'createOrg' | 'listOrgs' | 'joinOrg'> {
  const personOf = (caller: Caller) => profile.personOf(modules, principalOf(caller));
  return {
    createOrg: async ({ body, caller, keepAnswer }) =>
      createOrg(modules, await personOf(caller), body.name, keepAnswer),
    listOrgs: async ({ caller }) => ({ orgs: await listOrgs(modules, principalOf(caller).actorId) }),
    joinOrg: async ({ body, caller }) => joinOrg(modules, await personOf(caller), body.token),
  };
}

function memberEndpoints(
  modules: UserModules,
): Pick<AccountEndpoints, 'inviteMember' | 'setMemberRole' | 'removeMember'> {
  const personOf = (caller: Caller) => profile.personOf(modules, principalOf(caller));
  return {
    inviteMember: async ({ params, body, caller }) => {
      await inviteMember(modules, await personOf(caller), params.name, body);
      return OK;
    },
    setMemberRole: async ({ params, body, caller }) =>
      setMemberRole(modules, await personOf(caller), params.name, body),
    removeMember: async ({ params, body, caller }) => {
      await removeMember(modules, await personOf(caller), params.name, body.email);
      return OK;
    },
  };
}
