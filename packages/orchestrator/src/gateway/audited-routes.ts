import type { RouteName } from '@rios/sdk/api/routes';

/**
 * Routes that change what all share or what runs, and how the audit log names them. The services note what was done, in the
 * transaction of the change; the gateway notes what was refused or failed.
 */
export const AUDITED_ROUTES = {
  registerModel: 'model.register',
  removeModel: 'model.remove',
  placeModel: 'model.place',
  unloadModel: 'model.unload',
  createInvite: 'invite.create',
  revokeInvite: 'invite.revoke',
  drainWorker: 'worker.drain',
  removeWorker: 'worker.remove',
  setAccountRole: 'role.change',
  setPrices: 'prices.set',
  giveCredit: 'billing.credit',
  closeEpoch: 'epoch.close',
  deploy: 'deployment.deploy',
  scaleDeployment: 'deployment.scale',
  restartDeployment: 'deployment.restart',
  stopDeployment: 'deployment.stop',
  rollbackDeployment: 'deployment.rollback',
  deleteDeployment: 'deployment.delete',
  execInDeployment: 'deployment.exec',
  setSecret: 'secret.set',
  removeSecret: 'secret.remove',
} as const satisfies Partial<Record<RouteName, string>>;

export type AuditedRoute = keyof typeof AUDITED_ROUTES;

/** Undefined for a route that is not audited here. */
export const auditActionOf = (name: string): string | undefined =>
  Object.hasOwn(AUDITED_ROUTES, name) ? AUDITED_ROUTES[name as AuditedRoute] : undefined;
