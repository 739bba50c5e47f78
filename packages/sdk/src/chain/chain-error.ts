import type { Interface } from 'ethers';
import { RiosError } from '../errors/error.ts';

/**
 * Makes one of our errors of whatever ethers or an RPC threw. A contract's own error gets its name and arguments in
 * details and one plain sentence as its message; too little coin, ROS or deposit becomes QUOTA_BALANCE.
 * @param interfaces whose errors are known; all of ours when left out
 */
export function chainError(error: unknown, interfaces: readonly Interface[] = []): RiosError {
  return new RiosError('BUG_UNEXPECTED', `not written yet: ${interfaces.length}`, { cause: error });
}
