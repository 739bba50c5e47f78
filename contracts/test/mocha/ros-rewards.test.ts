import { expect } from 'chai';
import { nextTime, openTestChain, type TestChain, timeOf, wait } from './support/chain.ts';
import { deployRewards, HOUR, ROS } from './support/deployed.ts';
import { expectError } from './support/errors.ts';
import { type Earnings, treeOf } from './support/rewards-tree.ts';

describe('RosRewards', () => {
  let chain: TestChain;
  before(async () => {
    chain = await openTestChain();
  });

  const setUp = async () => {
    const all = await deployRewards(chain);
    const { ethers } = chain;
    const { rewards } = all;
    const accounts = ['anna', 'ben', 'carla'].map((name) =>
      ethers.getAddress(ethers.dataSlice(ethers.id(name), 12)),
    );
    const earned = (...amounts: bigint[]): Earnings => amounts.map((amount, i) => [accounts[i], amount]);
    const receipts = ethers.id('receipts');
    const publish = (epoch: number, earnings: Earnings) => {
      const { root, total } = treeOf(earnings);
      return rewards.publish(epoch, root, receipts, total);
    };
    const makeLive = async (epoch: number, earnings: Earnings) => {
      await publish(epoch, earnings);
      await wait(chain, HOUR);
      await rewards.activate();
      return treeOf(earnings);
    };
    const claim = ({ account, cumulative, proof }: ReturnType<ReturnType<typeof treeOf>['claimOf']>) =>
      rewards.claim(account, cumulative, proof);
    return {
      ...all,
      accounts,
      earned,
      publish,
      makeLive,
      claim,
      receipts,
      address: await rewards.getAddress(),
    };
  };

  describe('publish and activate', () => {
    it('default: a root waits its time with all of its money, fee included, and then is live', async () => {
      const { rewards, token, earned, publish, address } = await setUp();
      const { root } = treeOf(earned(6n * ROS, 3n * ROS));

      await publish(1, earned(6n * ROS, 3n * ROS));
      const readyAt = BigInt((await timeOf(chain)) + HOUR);

      expect(await token.balanceOf(address)).to.equal(10n * ROS);
      expect([...(await rewards.pending())]).to.deep.equal([root, 9n * ROS, 1n, readyAt]);
      await nextTime(chain, Number(readyAt) - 1);
      await expectError(rewards.activate(), 'RosRewards.NotReady', [readyAt]);
      await nextTime(chain, Number(readyAt));
      await rewards.activate();
      expect((await rewards.live()).root).to.equal(root);
      expect((await rewards.pending()).readyAt).to.equal(0n);
    });

    it('behaviour: the next publication makes a ripe root live, and pulls only what is missing', async () => {
      const { rewards, token, earned, publish, address } = await setUp();
      await publish(1, earned(9n * ROS));
      await wait(chain, HOUR);

      await publish(2, earned(9n * ROS, 9n * ROS));

      expect((await rewards.live()).epoch).to.equal(1n);
      expect((await rewards.pending()).epoch).to.equal(2n);
      expect(await token.balanceOf(address)).to.equal(20n * ROS);
    });

    it('behaviour: a root that owes nothing new needs no money', async () => {
      const { rewards, token, earned, publish, makeLive, admin } = await setUp();
      await makeLive(1, earned(9n * ROS));
      await token.approve(await rewards.getAddress(), 0n);

      await publish(2, earned(4n * ROS, 5n * ROS));

      expect(await token.allowance(admin.address, await rewards.getAddress())).to.equal(0n);
      expect(await rewards.funded()).to.equal(10n * ROS);
    });

    it('error EpochPending: nothing replaces a root that waits', async () => {
      const { earned, publish } = await setUp();
      await publish(1, earned(ROS));

      await expectError(publish(1, earned(2n * ROS)), 'RosRewards.EpochPending', [1n]);
      await expectError(publish(2, earned(2n * ROS)), 'RosRewards.EpochPending', [1n]);
    });

    it('error WrongEpoch: an epoch again, or one left out', async () => {
      const { earned, publish, makeLive } = await setUp();
      await expectError(publish(2, earned(ROS)), 'RosRewards.WrongEpoch', [1n, 2n]);
      await makeLive(1, earned(ROS));

      await expectError(publish(1, earned(ROS)), 'RosRewards.WrongEpoch', [2n, 1n]);
      await expectError(publish(3, earned(ROS)), 'RosRewards.WrongEpoch', [2n, 3n]);
    });

    it('error TotalDecreased: what was owed cannot be taken back', async () => {
      const { earned, publish, makeLive } = await setUp();
      await makeLive(1, earned(ROS));

      await expectError(publish(2, earned(ROS - 1n)), 'RosRewards.TotalDecreased', [ROS, ROS - 1n]);
      await publish(2, earned(ROS));
    });

    it('error EmptyRoot, NothingPending', async () => {
      const { rewards, receipts } = await setUp();

      await expectError(rewards.publish(1, chain.ethers.ZeroHash, receipts, 0n), 'RosRewards.EmptyRoot');
      await expectError(rewards.activate(), 'RosRewards.NothingPending');
    });

    it('error AccessControlUnauthorizedAccount: only a publisher publishes', async () => {
      const { rewards, guardian, receipts } = await setUp();
      const call = rewards.connect(guardian).getFunction('publish')(1, receipts, receipts, 0n);
      await expectError(call, 'RosRewards.AccessControlUnauthorizedAccount', [
        guardian.address,
        await rewards.PUBLISHER(),
      ]);
    });

    it('error ERC20InsufficientAllowance: a root without its money is not published', async () => {
      const { rewards, token, earned, publish } = await setUp();
      await token.approve(await rewards.getAddress(), 0n);

      await expectError(publish(1, earned(ROS)), 'RosToken.ERC20InsufficientAllowance');
      expect((await rewards.pending()).readyAt).to.equal(0n);
    });
  });

  describe('veto', () => {
    it('default: a waiting root is dropped, its money counts for the next one, and its epoch is used again', async () => {
      const { rewards, token, guardian, earned, publish, address } = await setUp();
      await publish(1, earned(9n * ROS));

      await rewards.connect(guardian).getFunction('veto')(1);
      await publish(1, earned(9n * ROS, 9n * ROS));

      expect(await token.balanceOf(address)).to.equal(20n * ROS);
      expect((await rewards.pending()).epoch).to.equal(1n);
    });

    it('error BadProof: a claim against a vetoed root', async () => {
      const { rewards, guardian, earned, publish, claim, makeLive, accounts } = await setUp();
      await makeLive(1, earned(ROS, ROS));
      await publish(2, earned(9n * ROS, 9n * ROS));
      await rewards.connect(guardian).getFunction('veto')(2);
      await wait(chain, HOUR);

      const vetoed = treeOf(earned(9n * ROS, 9n * ROS)).claimOf(0);
      await expectError(claim(vetoed), 'RosRewards.BadProof', [accounts[0]]);
      await expectError(rewards.activate(), 'RosRewards.NothingPending');
    });

    it('error VetoTooLate: from the second on in which it may be live', async () => {
      const { rewards, guardian, earned, publish } = await setUp();
      await publish(1, earned(ROS));
      const readyAt = (await timeOf(chain)) + HOUR;
      const veto = () => rewards.connect(guardian).getFunction('veto')(1);

      await nextTime(chain, readyAt);
      await expectError(veto(), 'RosRewards.VetoTooLate', [BigInt(readyAt)]);
    });

    it('behaviour: in the second before it still counts', async () => {
      const { rewards, guardian, earned, publish } = await setUp();
      await publish(1, earned(ROS));
      await nextTime(chain, (await timeOf(chain)) + HOUR - 1);

      await rewards.connect(guardian).getFunction('veto')(1);

      expect((await rewards.pending()).readyAt).to.equal(0n);
    });

    it('error NothingPending: no root waits, or another epoch', async () => {
      const { rewards, guardian, earned, publish } = await setUp();
      const own = rewards.connect(guardian);

      await expectError(own.getFunction('veto')(0), 'RosRewards.NothingPending');
      await publish(1, earned(ROS));
      await expectError(own.getFunction('veto')(2), 'RosRewards.NothingPending');
    });

    it('error AccessControlUnauthorizedAccount: a publisher and an admin cannot veto', async () => {
      const { rewards, admin, earned, publish } = await setUp();
      await publish(1, earned(ROS));

      await expectError(rewards.veto(1), 'RosRewards.AccessControlUnauthorizedAccount', [
        admin.address,
        await rewards.GUARDIAN(),
      ]);
    });
  });

  describe('claim', () => {
    it('default: pays an account what it earned in all, whoever sends the claim', async () => {
      const { rewards, token, stranger, earned, makeLive, accounts } = await setUp();
      const tree = await makeLive(1, earned(6n * ROS, 3n * ROS));
      const { account, cumulative, proof } = tree.claimOf(0);

      await rewards.connect(stranger).getFunction('claim')(account, cumulative, proof);

      expect(await token.balanceOf(accounts[0])).to.equal(6n * ROS);
      expect(await rewards.claimed(accounts[0])).to.equal(6n * ROS);
    });

    it('behaviour: a later claim pays the difference, epochs left out included', async () => {
      const { token, earned, makeLive, claim, accounts } = await setUp();
      await claim((await makeLive(1, earned(ROS, ROS))).claimOf(0));
      await makeLive(2, earned(2n * ROS, ROS));
      const third = await makeLive(3, earned(5n * ROS, 7n * ROS));

      await claim(third.claimOf(0));
      await claim(third.claimOf(1));

      expect(await token.balanceOf(accounts[0])).to.equal(5n * ROS);
      expect(await token.balanceOf(accounts[1])).to.equal(7n * ROS);
    });

    it('error NothingToClaim: the same claim twice, and one that a later root lowered', async () => {
      const { earned, makeLive, claim, accounts } = await setUp();
      const tree = await makeLive(1, earned(2n * ROS, ROS));
      await claim(tree.claimOf(0));

      await expectError(claim(tree.claimOf(0)), 'RosRewards.NothingToClaim', [accounts[0]]);
      const lowered = await makeLive(2, earned(ROS, 2n * ROS));
      await expectError(claim(lowered.claimOf(0)), 'RosRewards.NothingToClaim', [accounts[0]]);
    });

    it('error BadProof: more than was earned, in the name of another, with a proof of an old or a waiting root', async () => {
      const { rewards, earned, makeLive, publish, claim, accounts, stranger } = await setUp();
      const old = await makeLive(1, earned(ROS, ROS, ROS));
      const live = await makeLive(2, earned(2n * ROS, 2n * ROS, 2n * ROS));
      await publish(3, earned(9n * ROS, 9n * ROS, 9n * ROS));
      const waiting = treeOf(earned(9n * ROS, 9n * ROS, 9n * ROS));
      const fine = live.claimOf(0);

      for (const forged of [
        { ...fine, cumulative: fine.cumulative + 1n },
        { ...fine, account: stranger.address },
        { ...fine, account: accounts[1] },
        { ...fine, proof: [] },
        { ...fine, proof: fine.proof.slice(1) },
        { ...fine, proof: [...fine.proof, chain.ethers.ZeroHash] },
        old.claimOf(0),
        waiting.claimOf(0),
      ]) {
        await expectError(claim(forged), 'RosRewards.BadProof', [forged.account]);
      }
      expect(await rewards.claimed(accounts[0])).to.equal(0n);
    });

    it('error BadProof: before any root is live', async () => {
      const { rewards, accounts } = await setUp();
      await expectError(rewards.claim(accounts[0], 0n, []), 'RosRewards.BadProof', [accounts[0]]);
    });

    it('behaviour: an address with bytes in front of it is refused, not cut', async () => {
      const { rewards, earned, makeLive, address, accounts, token } = await setUp();
      const claim = (await makeLive(1, earned(ROS, ROS))).claimOf(0);
      const word = `${'0'.repeat(24)}${claim.account.slice(2).toLowerCase()}`;
      const single = rewards.interface.encodeFunctionData('claim', [
        claim.account,
        claim.cumulative,
        claim.proof,
      ]);
      const many = rewards.interface.encodeFunctionData('claimMany', [[claim]]);
      const [sender] = await chain.ethers.getSigners();

      for (const data of [single, many]) {
        const dirty = data.replace(word, `1${word.slice(1)}`);
        expect(dirty).to.not.equal(data);
        const sent = sender
          .sendTransaction({ to: address, data: dirty, gasLimit: 300_000 })
          .catch(() => 'refused');
        expect(await sent).to.equal('refused');
      }
      expect(await token.balanceOf(accounts[0])).to.equal(0n);
    });

    it('behaviour: claimMany passes over who was paid already, and pays the others', async () => {
      const { rewards, token, earned, makeLive, claim, accounts } = await setUp();
      const tree = await makeLive(1, earned(ROS, 2n * ROS, 3n * ROS));
      await claim(tree.claimOf(1));

      await rewards.claimMany([tree.claimOf(0), tree.claimOf(1), tree.claimOf(2), tree.claimOf(0)]);

      for (const [i, amount] of [ROS, 2n * ROS, 3n * ROS].entries()) {
        expect(await token.balanceOf(accounts[i]), `account ${i}`).to.equal(amount);
      }
    });

    it('error BadProof: one bad proof ends all of claimMany', async () => {
      const { rewards, token, earned, makeLive, accounts } = await setUp();
      const tree = await makeLive(1, earned(ROS, 2n * ROS));

      const call = rewards.claimMany([tree.claimOf(0), { ...tree.claimOf(1), cumulative: 9n * ROS }]);

      await expectError(call, 'RosRewards.BadProof', [accounts[1]]);
      expect(await token.balanceOf(accounts[0])).to.equal(0n);
    });

    it('behaviour: a root whose leaves are more than its total cannot be paid beyond what is here', async () => {
      const { rewards, token, earned, receipts, accounts, address } = await setUp();
      const { root, claimOf } = treeOf(earned(100n * ROS, 9n * ROS));
      await rewards.publish(1, root, receipts, 9n * ROS);
      await wait(chain, HOUR);
      await rewards.activate();
      const { account, cumulative, proof } = claimOf(0);

      await expectError(rewards.claim(account, cumulative, proof), 'RosToken.ERC20InsufficientBalance', [
        address,
        10n * ROS,
        100n * ROS,
      ]);
      expect(await rewards.claimed(accounts[0])).to.equal(0n);
      expect(await token.balanceOf(accounts[0])).to.equal(0n);
    });
  });

  describe('fee', () => {
    it('default: the treasury gets its share beside what is live, once, whoever asks', async () => {
      const { rewards, token, treasury, stranger, earned, makeLive, publish } = await setUp();
      await makeLive(1, earned(9n * ROS));
      await publish(2, earned(90n * ROS));

      await rewards.connect(stranger).getFunction('claimFee')();

      expect(await token.balanceOf(treasury)).to.equal(ROS);
      await expectError(rewards.claimFee(), 'RosRewards.NothingToClaim', [treasury]);
      await wait(chain, HOUR);
      await rewards.activate();
      await rewards.claimFee();
      expect(await token.balanceOf(treasury)).to.equal(10n * ROS);
    });

    it('behaviour: it rounds down, so that a rest stays with the workers', async () => {
      const { rewards } = await setUp();

      expect(await rewards.feeOn(9n)).to.equal(1n);
      expect(await rewards.feeOn(8n)).to.equal(0n);
      expect(await rewards.feeOn(17n)).to.equal(1n);
    });
  });

  describe('configuration and hostile tokens', () => {
    const deploy = async (where: TestChain, values: Record<string, unknown> = {}) => {
      const [signer] = await where.ethers.getSigners();
      const some = {
        token: signer.address,
        treasury: signer.address,
        delay: HOUR,
        fee: 1_000,
        admin: signer.address,
      };
      const { token, treasury, delay, fee, admin } = { ...some, ...values };
      return where.ethers.deployContract('RosRewards', [token, treasury, delay, fee, admin]);
    };

    it('error InvalidConfiguration: an address is zero, a fee above 20 %, a delay above 30 days', async () => {
      const zero = chain.ethers.ZeroAddress;

      for (const wrong of [
        ...[{ token: zero }, { treasury: zero }, { admin: zero }],
        ...[{ fee: 2_001 }, { delay: 30 * 24 * HOUR + 1 }],
      ]) {
        await expectError(deploy(chain, wrong), 'RosRewards.InvalidConfiguration');
      }
      await deploy(chain, { fee: 2_000, delay: 30 * 24 * HOUR });
    });

    it('error InvalidConfiguration: a delay below an hour, save on a dev chain', async () => {
      const real = await openTestChain(1);

      await expectError(deploy(real, { delay: HOUR - 1 }), 'RosRewards.InvalidConfiguration');
      await deploy(real, { delay: HOUR });
      await deploy(chain, { delay: 0 });
    });

    /** Rewards whose token is hostile, with a live root of 9 ROS for one account. */
    const hostile = async () => {
      const { ethers } = chain;
      const [admin] = await ethers.getSigners();
      const token = await ethers.deployContract('HostileToken');
      const rewards = await deploy(chain, { token: await token.getAddress(), delay: 0 });
      await rewards.grantRole(await rewards.PUBLISHER(), admin.address);
      await token.mint(admin.address, 100n * ROS);
      await token.approve(await rewards.getAddress(), 100n * ROS);
      const tree = treeOf([[admin.address, 9n * ROS]]);
      await rewards.publish(1, tree.root, ethers.id('receipts'), tree.total);
      await rewards.activate();
      return { rewards, token, claim: tree.claimOf(0) };
    };

    it('error SafeERC20FailedOperation: a token that refuses without a revert leaves the claim open', async () => {
      const { rewards, token, claim } = await hostile();
      await token.refuse(true);
      const told = [await token.getAddress()];

      const call = rewards.claim(claim.account, claim.cumulative, claim.proof);

      await expectError(call, 'RosRewards.SafeERC20FailedOperation', told);
      await expectError(rewards.claimFee(), 'RosRewards.SafeERC20FailedOperation', told);
      expect(await rewards.claimed(claim.account)).to.equal(0n);
    });

    it('behaviour: a token that comes back into a claim is paid no more: it is written before it is paid', async () => {
      const { rewards, token, claim } = await hostile();
      const again = rewards.interface.encodeFunctionData('claim', [
        claim.account,
        claim.cumulative,
        claim.proof,
      ]);
      await token.callBack(await rewards.getAddress(), again);

      const call = rewards.claim(claim.account, claim.cumulative, claim.proof);

      await expectError(call, 'RosRewards.NothingToClaim', [claim.account]);
    });

    it('error ReentrancyGuardReentrantCall: a token that comes back while money is pulled or the fee is paid', async () => {
      const { rewards, token } = await hostile();
      await token.callBack(await rewards.getAddress(), rewards.interface.encodeFunctionData('claimFee'));
      const { root, total } = treeOf([[await token.getAddress(), 18n * ROS]]);

      await expectError(rewards.claimFee(), 'RosRewards.ReentrancyGuardReentrantCall');
      await expectError(rewards.publish(2, root, root, total), 'RosRewards.ReentrancyGuardReentrantCall');
    });
  });
});
