import { Contract, type InterfaceAbi, type Provider } from 'ethers';

/** A role that an account has on a contract. */
export interface RoleHolder {
  readonly role: string;
  readonly account: string;
}

/**
 * Everybody who has a role on a contract with OpenZeppelin's AccessControl, which keeps no list: found by the events
 * of all grants since `fromBlock`, and then asked for. @throws what the provider throws
 */
export async function roleHolders(
  provider: Provider,
  address: string,
  abi: InterfaceAbi,
  fromBlock = 0,
): Promise<RoleHolder[]> {
  const contract = new Contract(address, abi, provider);
  const granted = new Map<string, RoleHolder>();
  for (const event of await contract.queryFilter('RoleGranted', fromBlock)) {
    const [role, account] = contract.interface.decodeEventLog('RoleGranted', event.data, event.topics);
    granted.set(`${role} ${account}`, { role: String(role), account: String(account) });
  }
  const held: RoleHolder[] = [];
  for (const holder of granted.values()) {
    if (await contract.getFunction('hasRole')(holder.role, holder.account)) held.push(holder);
  }
  return held;
}
