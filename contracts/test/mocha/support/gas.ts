import { gasOf, type TestChain, wait } from './chain.ts';
import {
  CAP,
  DAY,
  deployEscrow,
  deployRegistry,
  deployRewards,
  deployToken,
  HOUR,
  ROS,
  RULES,
} from './deployed.ts';
import { treeOf } from './rewards-tree.ts';
import { FAR, signPermit, signVoucher } from './signatures.ts';

/** Gas by operation. Of a batch: of each of its members. */
export type Gas = Record<string, number>;

const BATCH = 100;
const each = async (sent: Parameters<typeof gasOf>[0]) => Math.round((await gasOf(sent)) / BATCH);

async function deploymentGas({ ethers }: TestChain, name: string, args: unknown[]): Promise<number> {
  const contract = await ethers.deployContract(name, args);
  const receipt = await contract.deploymentTransaction()?.wait();
  return Number(receipt?.gasUsed ?? 0n);
}

/** Transfers of the token, and what its deployment costs. */
export async function measureToken(chain: TestChain): Promise<Gas> {
  const [admin, holder] = await chain.ethers.getSigners();
  const token = await deployToken(chain);
  return {
    'transfer to a new holder': await gasOf(token.transfer(holder.address, ROS)),
    'transfer to a holder': await gasOf(token.transfer(holder.address, ROS)),
    mint: await gasOf(token.mint(holder.address, ROS)),
    'deploy RosToken': await deploymentGas(chain, 'RosToken', [CAP, admin.address]),
  };
}

/** An epoch's life at this number of leaves; accounts are as in a real tree, so proofs are of full length. */
export async function measureRewards(chain: TestChain, leaves: number): Promise<Gas> {
  const { ethers } = chain;
  const { rewards, token } = await deployRewards(chain);
  const at = `${leaves.toLocaleString('en')} leaves`;
  const accounts = Array.from({ length: leaves }, (_, i) => ethers.dataSlice(ethers.id(`worker ${i}`), 12));
  const tree = (epoch: bigint) =>
    treeOf(accounts.map((account, i) => [ethers.getAddress(account), epoch * 10n ** 15n + BigInt(i)]));
  const publish = async (epoch: number, { root, total }: ReturnType<typeof treeOf>) =>
    rewards.publish(epoch, root, ethers.id(`receipts ${epoch}`), total);
  const first = tree(1n);
  const second = tree(2n);
  const gas: Gas = {};

  gas[`publish, first, ${at}`] = await gasOf(publish(1, first));
  await wait(chain, HOUR);
  gas[`activate, ${at}`] = await gasOf(rewards.activate());
  await token.transfer(accounts[1], 1n);
  const [newcomer, holder, ...others] = accounts.slice(0, BATCH + 2).map((_, i) => first.claimOf(i));
  const claim = ({ account, cumulative, proof }: typeof newcomer) =>
    rewards.claim(account, cumulative, proof);
  gas[`claim, first, new holder, ${at}`] = await gasOf(claim(newcomer));
  gas[`claim, first, holder, ${at}`] = await gasOf(claim(holder));
  gas[`claim, first, each of ${BATCH}, ${at}`] = await each(rewards.claimMany(others));
  gas[`claim of the fee, ${at}`] = await gasOf(rewards.claimFee());
  gas[`publish, later, ${at}`] = await gasOf(publish(2, second));
  await wait(chain, HOUR);
  await rewards.activate();
  const [again, , ...rest] = accounts.slice(0, BATCH + 2).map((_, i) => second.claimOf(i));
  gas[`claim, later, ${at}`] = await gasOf(claim(again));
  gas[`claim, later, each of ${BATCH}, ${at}`] = await each(rewards.claimMany(rest));
  await publish(3, second);
  await wait(chain, HOUR);
  gas[`publish, which activates the one before, ${at}`] = await gasOf(publish(4, tree(3n)));
  return gas;
}

/** Deposits, batches of vouchers, sessions and exits; and both deployments around money of users. */
export async function measureEscrow(chain: TestChain): Promise<Gas> {
  const { ethers } = chain;
  const { escrow, token, payer, beneficiary, place } = await deployEscrow(chain);
  await token.transfer(beneficiary, 1n);
  const own = escrow.connect(payer);
  const gas: Gas = {};
  gas['deposit, first'] = await gasOf(own.getFunction('deposit')(payer.address, 10n * ROS));
  gas['deposit, later'] = await gasOf(own.getFunction('deposit')(payer.address, 10n * ROS));
  const permit = await signPermit(
    payer,
    { ...place, contract: await token.getAddress() },
    { spender: place.contract, value: ROS, nonce: 0n },
  );
  const { deadline, v, r, s } = permit;
  gas['deposit with a permit'] = await gasOf(own.getFunction('depositWithPermit')(ROS, deadline, v, r, s));

  await token.approve(place.contract, ethers.MaxUint256);
  const payers = Array.from({ length: BATCH }, (_, i) => new ethers.Wallet(ethers.id(`payer ${i}`)));
  for (const one of payers) await escrow.deposit(one.address, ROS);
  const vouchers = (cumulative: bigint) =>
    Promise.all(payers.map((one) => signVoucher(one, place, cumulative)));
  gas['collect, one voucher'] = await gasOf(escrow.collect([await signVoucher(payer, place, ROS)]));
  gas[`collect, first, each of ${BATCH}`] = await each(escrow.collect(await vouchers(10n ** 15n)));
  gas[`collect, later, each of ${BATCH}`] = await each(escrow.collect(await vouchers(2n * 10n ** 15n)));
  gas[`tryCollect, later, each of ${BATCH}`] = await each(escrow.tryCollect(await vouchers(3n * 10n ** 15n)));

  const key = new ethers.Wallet(ethers.id('session'));
  gas['authorise a session'] = await gasOf(own.getFunction('authoriseSession')(key.address, ROS, FAR));
  const signed = await signVoucher(key, place, 2n * ROS, { payer: payer.address });
  gas['collect, one voucher of a session'] = await gasOf(escrow.collect([signed]));
  gas['revoke a session'] = await gasOf(own.getFunction('revokeSession')(key.address));
  gas['start an exit'] = await gasOf(own.getFunction('startExit')(ROS));
  await wait(chain, HOUR);
  gas['withdraw a deposit'] = await gasOf(own.getFunction('withdraw')());
  const args = [await token.getAddress(), beneficiary, HOUR];
  gas['deploy DepositEscrow'] = await deploymentGas(chain, 'DepositEscrow', args);
  return gas;
}

/** A worker's life: entry, stake, slash, exit. */
export async function measureRegistry(chain: TestChain): Promise<Gas> {
  const { ethers } = chain;
  const { registry, token, operator, judges, auditor, place, harmedPool, treasury, admin } =
    await deployRegistry(chain);
  const own = registry.connect(operator);
  const peer = ethers.id('peer');
  const gas: Gas = {};
  gas.register = await gasOf(own.getFunction('register')(peer, operator.address));
  gas['stake, first'] = await gasOf(own.getFunction('stake')(peer, 10n * ROS));
  gas['register and stake'] = gas.register + gas['stake, first'];
  gas['stake, later'] = await gasOf(own.getFunction('stake')(peer, ROS));
  const permit = await signPermit(
    operator,
    { ...place, contract: await token.getAddress() },
    { spender: place.contract, value: ROS, nonce: 0n },
  );
  const { deadline, v, r, s } = permit;
  gas['stake with a permit'] = await gasOf(own.getFunction('stakeWithPermit')(peer, ROS, deadline, v, r, s));

  const workerId = await registry.idOf(operator.address, peer);
  const faultTime = (await ethers.provider.getBlock('latest'))?.timestamp;
  const slash = [workerId, ROS, ethers.id('evidence'), 'ipfs://evidence', faultTime, auditor];
  const [proposer, second] = judges.map((judge) => registry.connect(judge));
  const slashId = await proposer.getFunction('proposeSlash').staticCall(...slash);
  gas['propose a slash'] = await gasOf(proposer.getFunction('proposeSlash')(...slash));
  gas['approve a slash'] = await gasOf(second.getFunction('approveSlash')(slashId));
  await wait(chain, 2 * DAY);
  gas['carry out a slash'] = await gasOf(registry.executeSlash(slashId));
  gas['request to unbond'] = await gasOf(own.getFunction('requestUnbond')(peer, ROS));
  await wait(chain, RULES.unbondPeriod);
  gas['withdraw a stake'] = await gasOf(own.getFunction('withdraw')(peer));
  const args = [await token.getAddress(), harmedPool, treasury, RULES, admin.address];
  gas['deploy WorkerRegistry'] = await deploymentGas(chain, 'WorkerRegistry', args);
  gas['deploy RosRewards'] = await deploymentGas(chain, 'RosRewards', [
    await token.getAddress(),
    treasury,
    HOUR,
    1_000,
    admin.address,
  ]);
  return gas;
}
