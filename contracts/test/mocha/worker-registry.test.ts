import { expect } from 'chai';
import { nextTime, openTestChain, type TestChain, timeOf, wait } from './support/chain.ts';
import { DAY, deployRegistry, HOUR, ROS, RULES } from './support/deployed.ts';
import { expectError } from './support/errors.ts';
import { signPermit } from './support/signatures.ts';

describe('WorkerRegistry', () => {
  let chain: TestChain;
  before(async () => {
    chain = await openTestChain();
  });

  const setUp = async () => {
    const all = await deployRegistry(chain);
    const { registry, operator, stranger } = all;
    const peer = chain.ethers.id('peer');
    const workerId = await registry.idOf(operator.address, peer);
    const asOperator = registry.connect(operator);
    return { ...all, peer, workerId, asOperator, asStranger: registry.connect(stranger) };
  };

  const registered = async () => {
    const all = await setUp();
    await all.asOperator.getFunction('register')(all.peer, all.operator.address);
    return all;
  };

  const staked = async () => {
    const all = await registered();
    await all.asOperator.getFunction('stake')(all.peer, 10n * ROS);
    return all;
  };

  describe('entries', () => {
    it('default: an operator enters a worker under its peer hash', async () => {
      const { asOperator, registry, operator, stranger, peer, workerId } = await setUp();

      await asOperator.getFunction('register')(peer, stranger.address);

      expect([...(await registry.workers(workerId))]).to.deep.equal([stranger.address, 0n, 0n, 0n]);
      const { ethers } = chain;
      const encoded = ethers.AbiCoder.defaultAbiCoder().encode(
        ['address', 'bytes32'],
        [operator.address, peer],
      );
      expect(workerId).to.equal(ethers.keccak256(encoded));
    });

    it("behaviour: an entry for somebody else's peer does not stand in the way of his own", async () => {
      const { asOperator, asStranger, registry, operator, stranger, peer, workerId } = await setUp();
      await asStranger.getFunction('register')(peer, stranger.address);

      await asOperator.getFunction('register')(peer, operator.address);

      expect((await registry.workers(workerId)).payout).to.equal(operator.address);
    });

    it('behaviour: the payout address changes, and nothing else with it', async () => {
      const { asOperator, registry, stranger, peer, workerId } = await staked();

      await asOperator.getFunction('changePayout')(peer, stranger.address);

      expect([...(await registry.workers(workerId))]).to.deep.equal([stranger.address, 0n, 10n * ROS, 0n]);
    });

    it('behaviour: what leaves without stake can enter again', async () => {
      const { asOperator, registry, operator, peer, workerId } = await registered();

      await asOperator.getFunction('deregister')(peer);
      expect((await registry.workers(workerId)).payout).to.equal(chain.ethers.ZeroAddress);
      await asOperator.getFunction('register')(peer, operator.address);
    });

    it('error AlreadyRegistered, ZeroAddress', async () => {
      const { asOperator, operator, peer, workerId } = await registered();
      const zero = chain.ethers.ZeroAddress;

      await expectError(
        asOperator.getFunction('register')(peer, operator.address),
        'WorkerRegistry.AlreadyRegistered',
        [workerId],
      );
      await expectError(
        asOperator.getFunction('register')(chain.ethers.id('b'), zero),
        'WorkerRegistry.ZeroAddress',
      );
      await expectError(asOperator.getFunction('changePayout')(peer, zero), 'WorkerRegistry.ZeroAddress');
    });

    it("error NotRegistered: another's worker is out of reach", async () => {
      const { asStranger, registry, stranger, peer } = await staked();
      const foreign = [await registry.idOf(stranger.address, peer)];

      for (const call of [
        () => asStranger.getFunction('deregister')(peer),
        () => asStranger.getFunction('changePayout')(peer, stranger.address),
        () => asStranger.getFunction('stake')(peer, ROS),
        () => asStranger.getFunction('requestUnbond')(peer, ROS),
        () => asStranger.getFunction('withdraw')(peer),
      ]) {
        await expectError(call(), 'WorkerRegistry.NotRegistered', foreign);
      }
    });

    it('error StillBonded: with stake, and while it unbonds', async () => {
      const { asOperator, peer, workerId } = await staked();

      await expectError(asOperator.getFunction('deregister')(peer), 'WorkerRegistry.StillBonded', [workerId]);
      await asOperator.getFunction('requestUnbond')(peer, 10n * ROS);
      await expectError(asOperator.getFunction('deregister')(peer), 'WorkerRegistry.StillBonded', [workerId]);
    });
  });

  describe('stake', () => {
    it('default: stake adds up, and lies in the registry', async () => {
      const { asOperator, registry, token, peer, workerId } = await staked();

      await asOperator.getFunction('stake')(peer, ROS);

      expect((await registry.workers(workerId)).stake).to.equal(11n * ROS);
      expect(await token.balanceOf(await registry.getAddress())).to.equal(11n * ROS);
    });

    it('behaviour: a permit takes the place of an allowance, also when someone else sent it first', async () => {
      const { asOperator, registry, operator, stranger, token, peer, place, workerId } = await registered();
      const contract = await token.getAddress();
      await token.connect(operator).getFunction('approve')(place.contract, 0n);
      for (const nonce of [0n, 1n]) {
        const told = { spender: String(place.contract), value: ROS, nonce };
        const { deadline, v, r, s } = await signPermit(operator, { ...place, contract }, told);
        if (nonce === 1n) {
          const permit = token.connect(stranger).getFunction('permit');
          await permit(operator.address, place.contract, ROS, deadline, v, r, s);
        }
        await asOperator.getFunction('stakeWithPermit')(peer, ROS, deadline, v, r, s);
      }

      expect((await registry.workers(workerId)).stake).to.equal(2n * ROS);
      expect(await token.allowance(operator.address, place.contract)).to.equal(0n);
    });

    it('behaviour: stake is the operator’s own again after the unbonding, not a second before', async () => {
      const { asOperator, token, operator, peer } = await staked();
      const before = await token.balanceOf(operator.address);
      await asOperator.getFunction('requestUnbond')(peer, 4n * ROS);
      const unbondAt = (await timeOf(chain)) + RULES.unbondPeriod;

      await nextTime(chain, unbondAt - 1);
      await expectError(asOperator.getFunction('withdraw')(peer), 'WorkerRegistry.UnbondingNotOver', [
        BigInt(unbondAt),
      ]);
      await nextTime(chain, unbondAt);
      await asOperator.getFunction('withdraw')(peer);

      expect(await token.balanceOf(operator.address)).to.equal(before + 4n * ROS);
    });

    it('behaviour: all that unbonds waits for the newest request', async () => {
      const { asOperator, registry, peer, workerId } = await staked();
      await asOperator.getFunction('requestUnbond')(peer, 4n * ROS);
      await wait(chain, RULES.unbondPeriod - 10);
      await asOperator.getFunction('requestUnbond')(peer, ROS);
      await wait(chain, 100);

      await expectError(asOperator.getFunction('withdraw')(peer), 'WorkerRegistry.UnbondingNotOver');
      const { stake, unbonding } = await registry.workers(workerId);
      expect([stake, unbonding]).to.deep.equal([5n * ROS, 5n * ROS]);
    });

    it('error ZeroAmount, InsufficientStake, NothingUnbonding', async () => {
      const { asOperator, peer, workerId } = await staked();

      await expectError(asOperator.getFunction('stake')(peer, 0n), 'WorkerRegistry.ZeroAmount');
      await expectError(asOperator.getFunction('requestUnbond')(peer, 0n), 'WorkerRegistry.ZeroAmount');
      await expectError(
        asOperator.getFunction('requestUnbond')(peer, 10n * ROS + 1n),
        'WorkerRegistry.InsufficientStake',
        [10n * ROS, 10n * ROS + 1n],
      );
      await expectError(asOperator.getFunction('withdraw')(peer), 'WorkerRegistry.NothingUnbonding', [
        workerId,
      ]);
    });
  });

  describe('configuration', () => {
    const deploy = async (rules: Partial<typeof RULES>, addresses: { at?: number } = {}) => {
      const { ethers } = chain;
      const [signer] = await ethers.getSigners();
      const parts = [signer.address, signer.address, signer.address, signer.address];
      if (addresses.at !== undefined) parts[addresses.at] = ethers.ZeroAddress;
      const [token, harmedPool, treasury, admin] = parts;
      return ethers.deployContract('WorkerRegistry', [
        token,
        harmedPool,
        treasury,
        { ...RULES, ...rules },
        admin,
      ]);
    };

    it('default: an unbonding that just outlasts evidence, challenge, veto and an hour', async () => {
      const registry = await deploy({});
      const rules = [
        'unbondPeriod',
        'maxEvidenceAge',
        'challengePeriod',
        'vetoPeriod',
        'quorum',
        'equivocationBps',
      ];
      for (const rule of rules) {
        expect(await registry.getFunction(rule)(), rule).to.equal(BigInt(RULES[rule as keyof typeof RULES]));
      }
    });

    it('error InvalidConfiguration: rules that let a worker escape, or nobody object', async () => {
      for (const wrong of [
        ...[{ unbondPeriod: RULES.unbondPeriod - 1 }, { maxEvidenceAge: RULES.maxEvidenceAge + 1 }],
        ...[{ challengePeriod: DAY + 1 }, { vetoPeriod: DAY + 1 }, { unbondPeriod: 365 * DAY + 1 }],
        ...[{ challengePeriod: 0 }, { vetoPeriod: 0 }, { quorum: 0 }, { equivocationBps: 10_001 }],
      ]) {
        await expectError(deploy(wrong), 'WorkerRegistry.InvalidConfiguration');
      }
      await deploy({ unbondPeriod: 365 * DAY, equivocationBps: 10_000, quorum: 1 });
    });

    it('error InvalidConfiguration: an address is zero', async () => {
      for (const at of [0, 1, 2, 3])
        await expectError(deploy({}, { at }), 'WorkerRegistry.InvalidConfiguration');
    });
  });

  describe('hostile tokens', () => {
    const setUpHostile = async () => {
      const { ethers } = chain;
      const [operator] = await ethers.getSigners();
      const token = await ethers.deployContract('HostileToken');
      const registry = await ethers.deployContract('WorkerRegistry', [
        await token.getAddress(),
        operator.address,
        operator.address,
        RULES,
        operator.address,
      ]);
      const peer = ethers.id('peer');
      await token.mint(operator.address, 10n * ROS);
      await token.approve(await registry.getAddress(), 10n * ROS);
      await registry.register(peer, operator.address);
      await registry.stake(peer, ROS);
      return { registry, token, peer };
    };

    it('error ReentrancyGuardReentrantCall: a token that comes back', async () => {
      const { registry, token, peer } = await setUpHostile();
      await registry.requestUnbond(peer, ROS);
      await wait(chain, RULES.unbondPeriod + HOUR);
      const zero = chain.ethers.ZeroHash;
      const into = [
        registry.interface.encodeFunctionData('withdraw', [peer]),
        registry.interface.encodeFunctionData('stake', [peer, ROS]),
        registry.interface.encodeFunctionData('stakeWithPermit', [peer, ROS, 0n, 0, zero, zero]),
        registry.interface.encodeFunctionData('executeSlash', [peer]),
      ];

      for (const call of into) {
        await token.callBack(await registry.getAddress(), call);
        await expectError(registry.withdraw(peer), 'WorkerRegistry.ReentrancyGuardReentrantCall');
        await expectError(registry.stake(peer, ROS), 'WorkerRegistry.ReentrancyGuardReentrantCall');
      }
    });

    it('error SafeERC20FailedOperation: a token that refuses without a revert', async () => {
      const { registry, token, peer } = await setUpHostile();
      await token.refuse(true);

      await expectError(registry.stake(peer, ROS), 'WorkerRegistry.SafeERC20FailedOperation', [
        await token.getAddress(),
      ]);
    });
  });
});
