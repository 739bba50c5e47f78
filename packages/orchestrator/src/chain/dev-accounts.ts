import { HDNodeWallet } from 'ethers';

/** Who does what on a dev chain; each an account of its own. */
const ROLES = [
  'deployer',
  'faucet',
  'treasury',
  'harmedPool',
  'publisher',
  'guardian',
  'judge1',
  'judge2',
  'judge3',
] as const;
export type DevRole = (typeof ROLES)[number];
export type DevAccounts = Readonly<Record<DevRole, HDNodeWallet>>;

/** BIP-44 of Ethereum: what any wallet derives from the same words. */
const PATH = "m/44'/60'/0'/0";

/** The accounts of a mnemonic, in the order of the roles. */
export function deriveDevAccounts(mnemonic: string): DevAccounts {
  const parent = HDNodeWallet.fromPhrase(mnemonic, '', PATH);
  const entries = ROLES.map((role, index) => [role, parent.deriveChild(index)] as const);
  return Object.fromEntries(entries) as DevAccounts;
}

/** What may be told of them. */
export const addressesOfAccounts = (accounts: DevAccounts): Record<DevRole, string> =>
  Object.fromEntries(ROLES.map((role) => [role, accounts[role].address])) as Record<DevRole, string>;
