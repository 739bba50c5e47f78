import { RiosError } from '@rios/sdk/errors/error';
import { type Access, type Asker, checkAccess } from '../../auth/ownership.ts';
import { type DeploymentRecord, findDeployment } from '../../store/deployments.ts';
import type { Store } from '../../store/store.ts';

/**
 * A deployment that the caller may touch; somebody else's is not there.
 * @throws RiosError NOT_FOUND_DEPLOYMENT, AUTH_FORBIDDEN
 */
export async function ownDeployment(
  store: Store,
  caller: Asker,
  name: string,
  access: Access,
): Promise<DeploymentRecord> {
  const missing = new RiosError('NOT_FOUND_DEPLOYMENT', `there is no deployment ${name}`);
  const found = await findDeployment(store, name);
  if (found === undefined) throw missing;
  await checkAccess(store, caller, { ownerId: found.accountId, access, missing });
  return found;
}
