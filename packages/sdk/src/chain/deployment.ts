import {
  AbiCoder,
  Contract,
  concat,
  type InterfaceAbi,
  id,
  type Provider,
  type Signer,
  ZeroHash,
} from 'ethers';
import { RiosError } from '../errors/error.ts';
import { depositEscrowBytecode } from './contracts/deposit-escrow.ts';
import { rosRewardsAbi, rosRewardsBytecode } from './contracts/ros-rewards.ts';
import { rosTimelockBytecode } from './contracts/ros-timelock.ts';
import { rosTokenAbi, rosTokenBytecode } from './contracts/ros-token.ts';
import { workerRegistryAbi, workerRegistryBytecode } from './contracts/worker-registry.ts';
import { create2Address, deployAt, ensureCreate2Proxy, hasCode } from './create2.ts';
import { type RoleHolder, roleHolders } from './role-holders.ts';

/** Everything that is fixed for good at deployment, and who gets which role. Amounts in wei of ROS, times in seconds. */
export interface DeploymentConfig {
  readonly cap: bigint;
  /** Has the admin roles until they are handed over to the timelock; its address is in every other address. */
  readonly deployer: string;
  readonly treasury: string;
  readonly harmedPool: string;
  /** Gets what vouchers pay; the publisher's funds. */
  readonly beneficiary: string;
  readonly publisher: string;
  readonly guardian: string;
  readonly judges: readonly string[];
  readonly rewardsDelay: number;
  readonly feeBps: number;
  readonly exitDelay: number;
  readonly rules: {
    readonly unbondPeriod: number;
    readonly maxEvidenceAge: number;
    readonly challengePeriod: number;
    readonly vetoPeriod: number;
    readonly quorum: number;
    readonly equivocationBps: number;
  };
  readonly timelock: {
    readonly minDelay: number;
    readonly proposers: readonly string[];
    readonly executors: readonly string[];
  };
}

export interface ContractAddresses {
  readonly token: string;
  readonly registry: string;
  readonly escrow: string;
  readonly rewards: string;
  readonly timelock: string;
}

/** One contract of a deployment: its creation code with arguments, and where that puts it. */
export interface PlannedContract {
  readonly name: keyof ContractAddresses;
  readonly creationCode: string;
  readonly address: string;
}

const SALT = id('rios.contracts/1');
const ADMIN = ZeroHash;
const RULES = 'tuple(uint64,uint64,uint64,uint64,uint16,uint16)';

/** Which contracts a configuration makes, in their order, and where. Pure. */
export function planDeployment(config: DeploymentConfig): readonly PlannedContract[] {
  const plan = (name: keyof ContractAddresses, code: string, types: string[], values: unknown[]) => {
    const creationCode = concat([code, AbiCoder.defaultAbiCoder().encode(types, values)]);
    return { name, creationCode, address: create2Address(SALT, creationCode) };
  };
  const { deployer, treasury, rules } = config;
  const token = plan('token', rosTokenBytecode, ['uint256', 'address'], [config.cap, deployer]);
  const registry = plan(
    'registry',
    workerRegistryBytecode,
    ['address', 'address', 'address', RULES, 'address'],
    [token.address, config.harmedPool, treasury, rulesOf(rules), deployer],
  );
  const escrow = plan(
    'escrow',
    depositEscrowBytecode,
    ['address', 'address', 'uint64'],
    [token.address, config.beneficiary, config.exitDelay],
  );
  const rewards = plan(
    'rewards',
    rosRewardsBytecode,
    ['address', 'address', 'uint64', 'uint16', 'address'],
    [token.address, treasury, config.rewardsDelay, config.feeBps, deployer],
  );
  const timelock = plan(
    'timelock',
    rosTimelockBytecode,
    ['uint256', 'address[]', 'address[]'],
    [config.timelock.minDelay, config.timelock.proposers, config.timelock.executors],
  );
  return [token, registry, escrow, rewards, timelock];
}

const rulesOf = (rules: DeploymentConfig['rules']) => [
  rules.unbondPeriod,
  rules.maxEvidenceAge,
  rules.challengePeriod,
  rules.vetoPeriod,
  rules.quorum,
  rules.equivocationBps,
];

export const addressesOf = (plan: readonly PlannedContract[]): ContractAddresses =>
  Object.fromEntries(plan.map(({ name, address }) => [name, address])) as unknown as ContractAddresses;

/**
 * Puts on the chain what is not there yet, and grants the roles. Does nothing the second time; goes on after a kill.
 * The signer must be the configuration's deployer. @throws RiosError CHAIN_*, USER_INVALID_REQUEST
 */
export async function deploy(signer: Signer, config: DeploymentConfig): Promise<ContractAddresses> {
  if ((await signer.getAddress()) !== config.deployer) {
    throw new RiosError('USER_INVALID_REQUEST', `only ${config.deployer} can make this deployment`);
  }
  const plan = planDeployment(config);
  await ensureCreate2Proxy(signer);
  for (const { creationCode } of plan) await deployAt(signer, SALT, creationCode);
  const addresses = addressesOf(plan);
  for (const grant of grantsOf(config, addresses)) await ensureRole(signer, grant);
  return addresses;
}

interface Grant extends RoleHolder {
  readonly contract: string;
  readonly abi: InterfaceAbi;
}

function grantsOf(config: DeploymentConfig, addresses: ContractAddresses): Grant[] {
  const { publisher, guardian, judges } = config;
  const rewards = { contract: addresses.rewards, abi: rosRewardsAbi };
  const registry = { contract: addresses.registry, abi: workerRegistryAbi };
  return [
    { ...rewards, role: id('PUBLISHER'), account: publisher },
    { ...rewards, role: id('GUARDIAN'), account: guardian },
    { ...registry, role: id('GUARDIAN'), account: guardian },
    ...judges.map((account) => ({ ...registry, role: id('JUDGE'), account })),
  ];
}

async function ensureRole(signer: Signer, { contract, abi, role, account }: Grant): Promise<void> {
  const roles = new Contract(contract, abi, signer);
  if (await roles.getFunction('hasRole')(role, account)) return;
  await (await roles.getFunction('grantRole')(role, account)).wait();
}

/**
 * Gives the admin roles to the timelock and takes them from the deployer: from then on every change of a role is
 * public for `minDelay` seconds first. Does nothing the second time.
 */
export async function handOverToTimelock(signer: Signer, config: DeploymentConfig): Promise<void> {
  const addresses = addressesOf(planDeployment(config));
  for (const [contract, abi] of adminned(addresses)) {
    const roles = new Contract(contract, abi, signer);
    if (!(await roles.getFunction('hasRole')(ADMIN, config.deployer))) continue;
    await ensureRole(signer, { contract, abi, role: ADMIN, account: addresses.timelock });
    await (await roles.getFunction('renounceRole')(ADMIN, config.deployer)).wait();
  }
}

const adminned = ({ token, registry, rewards }: ContractAddresses): [string, InterfaceAbi][] => [
  [token, rosTokenAbi],
  [registry, workerRegistryAbi],
  [rewards, rosRewardsAbi],
];

/** One thing that is not as the configuration says. */
export interface Deviation {
  readonly contract: keyof ContractAddresses;
  readonly what: string;
}

/**
 * Compares the chain with the configuration: code, and who has which role. Everything else is fixed by the addresses.
 * Empty = all as it should be, handed over to the timelock. @param fromBlock reads grants of roles from here on
 */
export async function checkDeployment(
  provider: Provider,
  config: DeploymentConfig,
  { fromBlock = 0 }: { readonly fromBlock?: number } = {},
): Promise<Deviation[]> {
  const plan = planDeployment(config);
  const absent: Deviation[] = [];
  for (const { name, address } of plan) {
    if (!(await hasCode(provider, address))) absent.push({ contract: name, what: 'it is not there' });
  }
  if (absent.length > 0) return absent;
  const addresses = addressesOf(plan);
  const grants = grantsOf(config, addresses);
  const deviations: Deviation[] = [];
  for (const [contract, abi] of adminned(addresses)) {
    const given = grants.filter((grant) => grant.contract === contract);
    const held = await roleHolders(provider, contract, abi, fromBlock);
    const wrong = roleDeviations(config, addresses.timelock, given, held);
    deviations.push(...wrong.map((what) => ({ contract: nameOf(plan, contract), what })));
  }
  return deviations;
}

/** What is wrong with the roles of one contract. Pure. */
function roleDeviations(
  { deployer }: DeploymentConfig,
  timelock: string,
  given: readonly RoleHolder[],
  held: readonly RoleHolder[],
): string[] {
  const has = (holders: readonly RoleHolder[], role: string, account: string) =>
    holders.some((one) => one.role === role && one.account === account);
  const expected = [...given, { role: ADMIN, account: timelock }, { role: ADMIN, account: deployer }];
  const wrong = given
    .filter(({ role, account }) => !has(held, role, account))
    .map(({ role, account }) => `${account} lacks the role ${role}`);
  if (has(held, ADMIN, deployer)) wrong.push('the deployer still has the admin role');
  else if (!has(held, ADMIN, timelock)) wrong.push('the timelock lacks the admin role');
  const strays = held.filter(({ role, account }) => !has(expected, role, account));
  return [
    ...wrong,
    ...strays.map(({ role, account }) => `${account} has the role ${role} beside the configuration`),
  ];
}

const nameOf = (plan: readonly PlannedContract[], address: string): keyof ContractAddresses =>
  plan.find((one) => one.address === address)?.name ?? 'token';
