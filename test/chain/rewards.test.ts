import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import type { TransactionCall } from '@rios/sdk/chain/prepared-transaction';
import { prepareTransaction, sendTransaction, waitForTransaction } from '@rios/sdk/chain/transaction';
import { expect } from 'chai';
import { type BaseWallet, id } from 'ethers';
import { failureOf } from '../support/failure-of.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';

const ROS = 10n ** 18n;

describe('rewards', () => {
  let world: TestChain;
  let publisher: BaseWallet;
  let worker: BaseWallet;
  beforeEach(async () => {
    world = await startTestChain();
    publisher = world.signers.publisher;
    worker = await world.createWallet();
    await pass(world.signers.deployer, mint(publisher.address));
    await pass(publisher, world.contracts.token.approve(world.addresses.rewards, 1000n * ROS));
  });
  afterEach(() => world.stop());

  const rewards = () => world.contracts.rewards;
  const pass = async (signer: BaseWallet, call: TransactionCall) => {
    const prepared = await prepareTransaction(world.chain, signer.address, call);
    const sent = await sendTransaction(world.chain, signer, prepared, { onSigned: () => {} });
    return waitForTransaction(world.chain, sent.hash, { timeoutMs: 5_000 });
  };
  const mint = (to: string): TransactionCall => ({
    to: world.addresses.token,
    what: 'Mint',
    data: `0x40c10f19${to.slice(2).toLowerCase().padStart(64, '0')}${(1000n * ROS).toString(16).padStart(64, '0')}`,
  });
  const treeOf = (cumulative: bigint) =>
    StandardMerkleTree.of(
      [
        [worker.address, String(cumulative)],
        [world.signers.judge.address, String(ROS)],
      ],
      ['address', 'uint256'],
    );
  const publish = (epoch: number, tree: { readonly root: string }, total: bigint) =>
    pass(publisher, rewards().publish(epoch, tree.root, id('receipts'), total));

  it('default: published, waited for, claimed', async () => {
    const tree = treeOf(2n * ROS);
    await publish(1, tree, 3n * ROS);
    const pending = await rewards().pending();
    expect(pending).to.include({ root: tree.root, total: 3n * ROS, epoch: 1 });
    await world.advance(3601);
    await pass(worker, rewards().activate());

    await pass(worker, rewards().claim(worker.address, 2n * ROS, tree.getProof(0)));
    expect(await world.contracts.token.balanceOf(worker.address)).to.equal(2n * ROS);
    expect(await rewards().claimed(worker.address)).to.equal(2n * ROS);
  });

  it('error CHAIN_REVERTED: a claim against a vetoed root', async () => {
    const tree = treeOf(2n * ROS);
    await publish(1, tree, 3n * ROS);
    await pass(world.signers.guardian, rewards().veto(1));
    await world.advance(3601);

    const activated = await failureOf(pass(worker, rewards().activate()));
    expect(activated.details).to.include({ error: 'NothingPending' });
    const error = await failureOf(pass(worker, rewards().claim(worker.address, 2n * ROS, tree.getProof(0))));
    expect(error.code).to.equal('CHAIN_REVERTED');
    expect(error.details).to.deep.include({ error: 'BadProof', arguments: { account: worker.address } });
    expect(error.message).to.contain('does not lead');
    expect(await world.contracts.token.balanceOf(worker.address)).to.equal(0n);
  });

  it('behaviour: after a veto the epoch is published anew, and only the new root pays', async () => {
    await publish(1, treeOf(99n * ROS), 100n * ROS);
    await pass(world.signers.guardian, rewards().veto(1));
    const tree = treeOf(2n * ROS);
    await publish(1, tree, 3n * ROS);
    await world.advance(3601);
    await pass(worker, rewards().activate());

    const stale = treeOf(99n * ROS);
    const error = await failureOf(
      pass(worker, rewards().claim(worker.address, 99n * ROS, stale.getProof(0))),
    );
    expect(error.details).to.include({ error: 'BadProof' });
    await pass(worker, rewards().claim(worker.address, 2n * ROS, tree.getProof(0)));
    expect(await world.contracts.token.balanceOf(worker.address)).to.equal(2n * ROS);
  });

  it('error CHAIN_REVERTED: claimed twice, too early, by another’s proof; vetoed too late', async () => {
    const tree = treeOf(2n * ROS);
    const claim = rewards().claim(worker.address, 2n * ROS, tree.getProof(0));
    await publish(1, tree, 3n * ROS);
    expect((await failureOf(pass(worker, claim))).details).to.include({ error: 'BadProof' });
    expect((await failureOf(pass(worker, rewards().activate()))).details).to.include({ error: 'NotReady' });

    await world.advance(3601);
    const late = await failureOf(pass(world.signers.guardian, rewards().veto(1)));
    expect(late.details).to.include({ error: 'VetoTooLate' });
    await pass(worker, rewards().activate());
    const foreign = rewards().claim(worker.address, 2n * ROS, tree.getProof(1));
    expect((await failureOf(pass(worker, foreign))).details).to.include({ error: 'BadProof' });
    await pass(worker, claim);
    const twice = await failureOf(pass(worker, claim));
    expect(twice.details).to.deep.include({
      error: 'NothingToClaim',
      arguments: { account: worker.address },
    });
  });

  it('error CHAIN_REVERTED: published or vetoed by one without the role', async () => {
    const call = rewards().publish(1, id('root'), id('receipts'), ROS);
    expect((await failureOf(pass(worker, call))).details).to.include({
      error: 'AccessControlUnauthorizedAccount',
    });
    expect((await failureOf(pass(worker, rewards().veto(1)))).details).to.include({
      error: 'AccessControlUnauthorizedAccount',
    });
  });
});
