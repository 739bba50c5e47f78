import type { ContractRunner } from 'ethers';
import { RiosError } from '../errors/error.ts';
import { parseAddress } from './address.ts';
import { chainError } from './chain-error.ts';
import { createContractAccess } from './contract-access.ts';
import type { ContractAddresses } from './deployment.ts';
import { createEscrowContract, type EscrowContract } from './escrow-contract.ts';
import type { Chain } from './open-chain.ts';
import { createRegistryContract, type RegistryContract } from './registry-contract.ts';
import { createRewardsContract, type RewardsContract } from './rewards-contract.ts';
import { createTokenContract, type TokenContract } from './token-contract.ts';

export type { ReadAt } from './contract-access.ts';
export type { EscrowAccount, EscrowContract, EscrowExit, EscrowSession, Voucher } from './escrow-contract.ts';
export type { RegisteredWorker, RegistryContract } from './registry-contract.ts';
export type { RewardsContract, RewardsHead } from './rewards-contract.ts';
export type { TokenContract } from './token-contract.ts';

/** Our contracts on one chain: they read by themselves, and make the calls that transaction.ts prepares and sends. */
export interface RosContracts {
  readonly addresses: ContractAddresses;
  readonly token: TokenContract;
  readonly escrow: EscrowContract;
  readonly registry: RegistryContract;
  readonly rewards: RewardsContract;
}

/**
 * Our contracts at these addresses, after checking that there is code at each, and that escrow, registry and rewards
 * are of this token.
 * @param runner asks in place of the chain's provider
 * @throws RiosError CHAIN_UNSUPPORTED (details.contract), USER_INVALID_REQUEST (an address), CHAIN_*
 */
export async function openContracts(
  chain: Chain,
  addresses: ContractAddresses,
  runner: ContractRunner = chain.provider,
): Promise<RosContracts> {
  const access = (name: keyof ContractAddresses) =>
    createContractAccess({ name, address: parseAddress(addresses[name]), chainId: chain.chainId }, runner);
  await Promise.all(NAMES.map((name) => checkCode(chain, name, parseAddress(addresses[name]))));
  await Promise.all(HOLDERS.map((name) => checkToken(name, access(name), parseAddress(addresses.token))));
  return {
    addresses,
    token: createTokenContract(access('token')),
    escrow: createEscrowContract(access('escrow')),
    registry: createRegistryContract(access('registry')),
    rewards: createRewardsContract(access('rewards')),
  };
}

const NAMES = ['token', 'registry', 'escrow', 'rewards', 'timelock'] as const;
const HOLDERS = ['registry', 'escrow', 'rewards'] as const;

async function checkCode({ provider }: Chain, name: string, address: string): Promise<void> {
  const code = await provider.getCode(address).catch((error: unknown) => {
    throw chainError(error);
  });
  if (code !== '0x') return;
  throw new RiosError('CHAIN_UNSUPPORTED', `there is no contract at ${address}, where ${name} should be`, {
    details: { contract: name, address },
    hint: 'Check --chain-file: its addresses must be those of this chain.',
  });
}

async function checkToken(
  name: string,
  { read, address }: ReturnType<typeof createContractAccess>,
  token: string,
): Promise<void> {
  const [actual] = await read('token', []);
  if (actual === token) return;
  throw new RiosError('CHAIN_UNSUPPORTED', `the contract ${name} at ${address} is of another token`, {
    details: { contract: name, address, token: String(actual), expected: token },
    hint: 'Check --chain-file: its addresses must be of one deployment.',
  });
}
