import { gasOf, type TestChain, timeOf, wait } from './chain.ts';
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

type Escrow = Awaited<ReturnType<typeof deployEscrow>>;
type Registry = Awaited<ReturnType<typeof deployRegistry>>;

/** Deposits, batches of vouchers, sessions and exits. */
export async function measureEscrow(chain: TestChain): Promise<Gas> {
  const deployed = await deployEscrow(chain);
  const { token, beneficiary } = deployed;
  await token.transfer(beneficiary, 1n);
  const args = [await token.getAddress(), beneficiary, HOUR];
  return {
    ...(await measureDeposits(deployed)),
    ...(await measureVouchers(deployed)),
    ...(await measureSessionAndExit(deployed)),
    'deploy DepositEscrow': await deploymentGas(chain, 'DepositEscrow', args),
  };
}

async function permitOf(token: Escrow['token'], signer: Escrow['payer'], place: Escrow['place']) {
  const at = { ...place, contract: await token.getAddress() };
  return signPermit(signer, at, { spender: place.contract, value: ROS, nonce: 0n });
}

async function measureDeposits({ escrow, token, payer, place }: Escrow): Promise<Gas> {
  const own = escrow.connect(payer);
  const deposit = () => gasOf(own.getFunction('deposit')(payer.address, 10n * ROS));
  const { deadline, v, r, s } = await permitOf(token, payer, place);
  return {
    'deposit, first': await deposit(),
    'deposit, later': await deposit(),
    'deposit with a permit': await gasOf(own.getFunction('depositWithPermit')(ROS, deadline, v, r, s)),
  };
}

async function measureVouchers({ chain, escrow, token, payer, place }: Escrow): Promise<Gas> {
  const { ethers } = chain;
  await token.approve(place.contract, ethers.MaxUint256);
  const payers = Array.from({ length: BATCH }, (_, i) => new ethers.Wallet(ethers.id(`payer ${i}`)));
  for (const one of payers) await escrow.deposit(one.address, ROS);
  const vouchers = (cumulative: bigint) =>
    Promise.all(payers.map((one) => signVoucher(one, place, cumulative)));
  const unit = 10n ** 15n;
  return {
    'collect, one voucher': await gasOf(escrow.collect([await signVoucher(payer, place, ROS)])),
    [`collect, first, each of ${BATCH}`]: await each(escrow.collect(await vouchers(unit))),
    [`collect, later, each of ${BATCH}`]: await each(escrow.collect(await vouchers(2n * unit))),
    [`tryCollect, later, each of ${BATCH}`]: await each(escrow.tryCollect(await vouchers(3n * unit))),
  };
}

async function measureSessionAndExit({ chain, escrow, payer, place }: Escrow): Promise<Gas> {
  const { ethers } = chain;
  const own = escrow.connect(payer);
  const key = new ethers.Wallet(ethers.id('session'));
  const gas: Gas = {};
  gas['authorise a session'] = await gasOf(own.getFunction('authoriseSession')(key.address, ROS, FAR));
  const signed = await signVoucher(key, place, 2n * ROS, { payer: payer.address });
  gas['collect, one voucher of a session'] = await gasOf(escrow.collect([signed]));
  gas['revoke a session'] = await gasOf(own.getFunction('revokeSession')(key.address));
  gas['start an exit'] = await gasOf(own.getFunction('startExit')(ROS));
  await wait(chain, HOUR);
  gas['withdraw a deposit'] = await gasOf(own.getFunction('withdraw')());
  return gas;
}

/** A worker's life: entry, stake, slash, exit; and both deployments of what pays workers. */
export async function measureRegistry(chain: TestChain): Promise<Gas> {
  const deployed = await deployRegistry(chain);
  const { token, harmedPool, treasury, admin } = deployed;
  const address = await token.getAddress();
  const rewards = [address, treasury, HOUR, 1_000, admin.address];
  return {
    ...(await measureStake(deployed)),
    ...(await measureSlashAndExit(deployed)),
    'deploy WorkerRegistry': await deploymentGas(chain, 'WorkerRegistry', [
      ...[address, harmedPool, treasury],
      ...[RULES, admin.address],
    ]),
    'deploy RosRewards': await deploymentGas(chain, 'RosRewards', rewards),
  };
}

const peerOf = ({ chain }: Registry) => chain.ethers.id('peer');

async function measureStake(deployed: Registry): Promise<Gas> {
  const { registry, token, operator, place } = deployed;
  const own = registry.connect(operator);
  const peer = peerOf(deployed);
  const { deadline, v, r, s } = await permitOf(token, operator, place);
  const entry = await gasOf(own.getFunction('register')(peer, operator.address));
  const first = await gasOf(own.getFunction('stake')(peer, 10n * ROS));
  return {
    register: entry,
    'stake, first': first,
    'register and stake': entry + first,
    'stake, later': await gasOf(own.getFunction('stake')(peer, ROS)),
    'stake with a permit': await gasOf(own.getFunction('stakeWithPermit')(peer, ROS, deadline, v, r, s)),
  };
}

async function measureSlashAndExit(deployed: Registry): Promise<Gas> {
  const { chain, registry, operator, judges, auditor } = deployed;
  const { ethers } = chain;
  const own = registry.connect(operator);
  const peer = peerOf(deployed);
  const gas: Gas = {};
  const workerId = await registry.idOf(operator.address, peer);
  const slash = [workerId, ROS, ethers.id('evidence'), 'ipfs://evidence', await timeOf(chain), auditor];
  const [proposer, second] = judges.map((judge) => registry.connect(judge));
  const slashId = await proposer.getFunction('proposeSlash').staticCall(...slash);
  gas['propose a slash'] = await gasOf(proposer.getFunction('proposeSlash')(...slash));
  gas['approve a slash'] = await gasOf(second.getFunction('approveSlash')(slashId));
  await wait(chain, 2 * DAY);
  gas['carry out a slash'] = await gasOf(registry.executeSlash(slashId));
  gas['request to unbond'] = await gasOf(own.getFunction('requestUnbond')(peer, ROS));
  await wait(chain, RULES.unbondPeriod);
  gas['withdraw a stake'] = await gasOf(own.getFunction('withdraw')(peer));
  return gas;
}
