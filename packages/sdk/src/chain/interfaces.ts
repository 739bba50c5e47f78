import { Interface, type InterfaceAbi } from 'ethers';
import { depositEscrowAbi } from './contracts/deposit-escrow.ts';
import { rosRewardsAbi } from './contracts/ros-rewards.ts';
import { rosTimelockAbi } from './contracts/ros-timelock.ts';
import { rosTokenAbi } from './contracts/ros-token.ts';
import { workerRegistryAbi } from './contracts/worker-registry.ts';
import type { ContractAddresses } from './deployment.ts';

const ABIS: Readonly<Record<keyof ContractAddresses, InterfaceAbi>> = {
  escrow: depositEscrowAbi,
  registry: workerRegistryAbi,
  rewards: rosRewardsAbi,
  token: rosTokenAbi,
  timelock: rosTimelockAbi,
};

const parsed = new Map<keyof ContractAddresses, Interface>();

/** The interface of one of our contracts; parsed when it is first asked for. */
export function rosInterface(name: keyof ContractAddresses): Interface {
  const known = parsed.get(name) ?? new Interface(ABIS[name]);
  parsed.set(name, known);
  return known;
}

/** The interfaces of all our contracts, in the order in which errors are looked up. */
export const rosInterfaces = (): readonly Interface[] =>
  (['escrow', 'registry', 'rewards', 'token', 'timelock'] as const).map(rosInterface);
