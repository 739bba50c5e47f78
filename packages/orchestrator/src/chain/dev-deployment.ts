import { rosTokenAbi } from '@rios/sdk/chain/contracts/ros-token';
import {
  type ContractAddresses,
  type DeploymentConfig,
  deploy,
  handOverToTimelock,
} from '@rios/sdk/chain/deployment';
import { Contract, id, type Signer } from 'ethers';
import type { DevAccounts } from './dev-accounts.ts';

const DAY = 86_400;
const ROS = 10n ** 18n;
const CAP = 1_000_000_000n * ROS;
/** What the faucet has to give. */
const FAUCET = 100_000_000n * ROS;
/** What the publisher pays trial credit from: nobody deposited it. */
const FLOAT = 1_000_000n * ROS;
const MINTER = id('MINTER');

/**
 * The delays of a real deployment: a dev chain's time can be moved on. What vouchers collect goes straight to the
 * publisher, who pays epochs from it: on a real chain an operator decides who moves that money.
 */
export const devDeployment = (accounts: DevAccounts): DeploymentConfig => ({
  cap: CAP,
  deployer: accounts.deployer.address,
  treasury: accounts.treasury.address,
  harmedPool: accounts.harmedPool.address,
  beneficiary: accounts.publisher.address,
  publisher: accounts.publisher.address,
  guardian: accounts.guardian.address,
  judges: [accounts.judge1.address, accounts.judge2.address, accounts.judge3.address],
  rewardsDelay: DAY,
  feeBps: 1000,
  exitDelay: 7 * DAY,
  rules: {
    unbondPeriod: 7 * DAY,
    maxEvidenceAge: 3 * DAY,
    challengePeriod: DAY,
    vetoPeriod: 2 * DAY,
    quorum: 2,
    equivocationBps: 10_000,
  },
  timelock: {
    minDelay: 2 * DAY,
    proposers: [accounts.guardian.address],
    executors: [accounts.guardian.address],
  },
});

/**
 * Puts the contracts on a dev chain, fills faucet and publisher once, and gives the admin roles to the timelock, as on a real
 * chain. Does nothing the second time; goes on after a kill at any point. @throws RiosError CHAIN_*
 */
export async function prepareDevContracts(
  deployer: Signer,
  accounts: DevAccounts,
): Promise<ContractAddresses> {
  const config = devDeployment(accounts);
  const addresses = await deploy(deployer, config);
  await mintOnce(new Contract(addresses.token, rosTokenAbi, deployer), accounts);
  await handOverToTimelock(deployer, config);
  return addresses;
}

async function mintOnce(token: Contract, { deployer, faucet, publisher }: DevAccounts): Promise<void> {
  const isMinter = () => token.getFunction('hasRole')(MINTER, deployer.address);
  const send = async (name: string, ...args: unknown[]) => {
    await (await token.getFunction(name)(...args)).wait();
  };
  const supply: unknown = await token.getFunction('totalSupply')();
  if (supply === 0n) {
    if (!(await isMinter())) await send('grantRole', MINTER, deployer.address);
    await send('mint', faucet.address, FAUCET);
  }
  if (supply === 0n || supply === FAUCET) await send('mint', publisher.address, FLOAT);
  if (await isMinter()) await send('renounceRole', MINTER, deployer.address);
}
