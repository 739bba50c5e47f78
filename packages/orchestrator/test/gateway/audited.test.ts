import { ROLES } from '@rios/sdk/api/roles';
import { SCOPES } from '@rios/sdk/api/route';
import { type RouteName, routes } from '@rios/sdk/api/routes';
import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { AUDITED_ROUTES } from '../../src/gateway/audited-routes.ts';
import type { FindCaller } from '../../src/gateway/authenticate.ts';
import { listAudit, verifyAudit } from '../../src/services/users/audit-log.ts';
import { ask, type SmallGateway, startGateway } from '../support/small-gateway.ts';

/** Routes that change nothing of what all share: data without a name, and questions. */
const NOT_AUDITED: readonly string[] = ['planDeployment', 'putChunk', 'missingChunks'];

/** Tokens are roles. */
const findCaller: FindCaller = async (token) => {
  const role = ROLES.find((one) => one === token);
  return (
    role && {
      accountId: 'acc_of_org',
      actorId: `acc_${role}`,
      name: role,
      role,
      scopes: new Set(SCOPES),
      blobQuotaBytes: 0,
    }
  );
};

describe('what the gateway audits', () => {
  let gateway: SmallGateway;
  before(async () => {
    const placeModel = async () => {
      throw new RiosError('AUTH_FORBIDDEN', 'not yours');
    };
    gateway = await startGateway({ placeModel }, { findCaller });
  });
  after(() => gateway.stop());
  const newest = async () => {
    const [entry] = await listAudit(gateway.store, Number.MAX_SAFE_INTEGER, 1);
    return (
      entry && { actor: entry.actor, action: entry.action, subject: entry.subject, details: entry.details }
    );
  };
  const call = (name: RouteName, token: string, id = 'x') => {
    const { method, path } = routes[name];
    return ask(gateway.url, path.replace(/:[a-z]+/, id), {
      method,
      token,
      body: method === 'POST' ? '{}' : '',
    });
  };

  it('default: a change that is refused by its service: who, what, which, and the outcome', async () => {
    await call('placeModel', 'developer', 'tiny');

    expect(await newest()).to.deep.equal({
      actor: 'acc_developer',
      action: 'model.place',
      subject: 'tiny',
      details: { outcome: 'AUTH_FORBIDDEN' },
    });
  });

  it('behaviour: a change that the role forbids, alone and in a batch', async () => {
    await call('createInvite', 'viewer');
    const refused = {
      actor: 'acc_viewer',
      action: 'invite.create',
      subject: '',
      details: { outcome: 'AUTH_FORBIDDEN' },
    };
    expect(await newest()).to.deep.equal(refused);

    const body = JSON.stringify({ calls: [{ method: 'DELETE', path: '/v1/workers/x' }] });
    await ask(gateway.url, '/v1/batch', { method: 'POST', token: 'worker', body });
    expect(await newest()).to.deep.equal({ ...refused, actor: 'acc_worker', action: 'worker.remove' });
    expect(await verifyAudit(gateway.store)).to.include({ ok: true });
  });

  it('behaviour: reading leaves no trace, nor does a stranger', async () => {
    const before = await newest();
    await call('listInvites', 'viewer');
    await call('createInvite', 'nobody');

    expect(await newest()).to.deep.equal(before);
  });

  it('behaviour: every route that changes what all share is audited', () => {
    const changing = (Object.keys(routes) as RouteName[]).filter((name) => {
      const { method, scope } = routes[name];
      return method !== 'GET' && ['models', 'deployments', 'workers', 'network'].includes(scope);
    });

    expect([...Object.keys(AUDITED_ROUTES), ...NOT_AUDITED].toSorted()).to.deep.equal(changing.toSorted());
  });
});
