import { expect } from 'chai';
import { Interface } from 'ethers';
import { depositEscrowAbi } from '../../../../packages/sdk/src/chain/contracts/deposit-escrow.ts';
import { rosRewardsAbi } from '../../../../packages/sdk/src/chain/contracts/ros-rewards.ts';
import { rosTimelockAbi } from '../../../../packages/sdk/src/chain/contracts/ros-timelock.ts';
import { rosTokenAbi } from '../../../../packages/sdk/src/chain/contracts/ros-token.ts';
import { workerRegistryAbi } from '../../../../packages/sdk/src/chain/contracts/worker-registry.ts';

/** The interfaces that users get: what a test expects is what they can decode. */
export const INTERFACES = {
  RosToken: new Interface(rosTokenAbi),
  WorkerRegistry: new Interface(workerRegistryAbi),
  DepositEscrow: new Interface(depositEscrowAbi),
  RosRewards: new Interface(rosRewardsAbi),
  RosTimelock: new Interface(rosTimelockAbi),
};

export type ContractName = keyof typeof INTERFACES;
type ErrorName = `${ContractName}.${string}`;

/**
 * The call must end with this custom error, and with these arguments.
 * @param name as 'DepositEscrow.VoucherStale': error-coverage.test.ts looks for this text
 */
export async function expectError(call: Promise<unknown>, name: ErrorName, args?: unknown[]): Promise<void> {
  const [contract = '', error = ''] = name.split('.');
  const face = INTERFACES[contract as ContractName];
  const thrown = await call.then(
    () => expect.fail(`${name} was expected, and the call went through`),
    (cause: unknown) => cause,
  );
  const data = revertData(thrown);
  const parsed = data === undefined ? null : face.parseError(data);
  expect(parsed?.name, `${name} was expected, not ${data ?? String(thrown)}`).to.equal(error);
  if (args !== undefined) expect([...(parsed?.args ?? [])], name).to.deep.equal(args);
}

const DEPTH = 5;

/** Looks for the bytes that a call reverted with in what a provider threw. */
function revertData(thrown: unknown, depth = 0): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || depth > DEPTH) return undefined;
  const data = Reflect.get(thrown, 'data');
  if (typeof data === 'string' && data.startsWith('0x')) return data;
  for (const key of ['data', 'error', 'info', 'cause', 'parent']) {
    const found = revertData(Reflect.get(thrown, key), depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
