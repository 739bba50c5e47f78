import type { TestChain } from './chain.ts';

export const ROS = 10n ** 18n;
export const CAP = 10n ** 27n;
export const HOUR = 3_600;
export const DAY = 24 * HOUR;

/** Seconds; the shortest unbonding that these periods allow. */
export const RULES = {
  unbondPeriod: 4 * DAY + HOUR,
  maxEvidenceAge: 2 * DAY,
  challengePeriod: DAY,
  vetoPeriod: DAY,
  quorum: 2,
  equivocationBps: 5_000,
};

/** The token, with its first signer as admin, minter and holder of 1,000,000 ROS. */
export async function deployToken({ ethers }: TestChain) {
  const [admin] = await ethers.getSigners();
  const token = await ethers.deployContract('RosToken', [CAP, admin.address]);
  await token.grantRole(await token.MINTER(), admin.address);
  await token.mint(admin.address, 1_000_000n * ROS);
  return token;
}

type Token = Awaited<ReturnType<typeof deployToken>>;

/** Named signers of a test chain; each holds 1,000 ROS that `spender` may take. */
export async function fundSigners({ ethers }: TestChain, token: Token, spender: string, count: number) {
  const signers = (await ethers.getSigners()).slice(1, 1 + count);
  for (const signer of signers) {
    await token.transfer(signer.address, 1_000n * ROS);
    await token.connect(signer).getFunction('approve')(spender, ethers.MaxUint256);
  }
  return signers;
}

/** An escrow of an hour's exit that pays to an address without any money. */
export async function deployEscrow(chain: TestChain) {
  const { ethers, chainId } = chain;
  const token = await deployToken(chain);
  const beneficiary = ethers.Wallet.createRandom().address;
  const escrow = await ethers.deployContract('DepositEscrow', [await token.getAddress(), beneficiary, HOUR]);
  const [payer, other, stranger] = await fundSigners(chain, token, await escrow.getAddress(), 3);
  const place = { chainId, contract: await escrow.getAddress() };
  return { chain, token, escrow, beneficiary, payer, other, stranger, place };
}

/** Rewards with an hour's delay and 10 % for the platform; the first signer publishes, the second may veto. */
export async function deployRewards(chain: TestChain) {
  const { ethers } = chain;
  const [admin, guardian, stranger] = await ethers.getSigners();
  const token = await deployToken(chain);
  const treasury = ethers.Wallet.createRandom().address;
  const rewards = await ethers.deployContract('RosRewards', [
    await token.getAddress(),
    treasury,
    HOUR,
    1_000,
    admin.address,
  ]);
  await rewards.grantRole(await rewards.PUBLISHER(), admin.address);
  await rewards.grantRole(await rewards.GUARDIAN(), guardian.address);
  await token.approve(await rewards.getAddress(), ethers.MaxUint256);
  return { chain, token, rewards, treasury, admin, guardian, stranger };
}

/** A registry with three judges, two of whom make a quorum. */
export async function deployRegistry(chain: TestChain) {
  const { ethers, chainId } = chain;
  const token = await deployToken(chain);
  const [admin] = await ethers.getSigners();
  const [harmedPool, treasury, auditor] = [1, 2, 3].map(() => ethers.Wallet.createRandom().address);
  const registry = await ethers.deployContract('WorkerRegistry', [
    await token.getAddress(),
    harmedPool,
    treasury,
    RULES,
    admin.address,
  ]);
  const address = await registry.getAddress();
  const signers = await fundSigners(chain, token, address, 6);
  const [operator, stranger, guardian, ...judges] = signers;
  for (const judge of judges) await registry.grantRole(await registry.JUDGE(), judge.address);
  await registry.grantRole(await registry.GUARDIAN(), guardian.address);
  const place = { chainId, contract: address };
  return {
    chain,
    token,
    registry,
    harmedPool,
    treasury,
    auditor,
    admin,
    operator,
    stranger,
    guardian,
    judges,
    place,
  };
}
