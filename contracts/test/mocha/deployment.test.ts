import { expect } from 'chai';
import { id, ZeroAddress, ZeroHash } from 'ethers';
import { CREATE2_PROXY } from '../../../packages/sdk/src/chain/create2.ts';
import {
  checkDeployment,
  type DeploymentConfig,
  deploy,
  handOverToTimelock,
  planDeployment,
} from '../../../packages/sdk/src/chain/deployment.ts';
import { nextTime, openTestChain, type TestChain, timeOf, wait } from './support/chain.ts';
import { CAP, DAY, HOUR, RULES } from './support/deployed.ts';
import { expectError, INTERFACES } from './support/errors.ts';

describe('a deployment of the contracts', () => {
  /** A chain of its own: each deployment of one configuration has the same addresses. */
  const setUp = async (chainId?: number) => {
    const chain = await openTestChain(chainId);
    const [deployer, publisher, guardian, judge, proposer, stranger] = await chain.ethers.getSigners();
    const config: DeploymentConfig = {
      cap: CAP,
      deployer: deployer.address,
      treasury: id('treasury').slice(0, 42).toLowerCase(),
      harmedPool: id('harmed').slice(0, 42).toLowerCase(),
      beneficiary: publisher.address,
      publisher: publisher.address,
      guardian: guardian.address,
      judges: [judge.address],
      rewardsDelay: DAY,
      feeBps: 1_000,
      exitDelay: DAY,
      rules: RULES,
      timelock: { minDelay: 2 * DAY, proposers: [proposer.address], executors: [ZeroAddress] },
    };
    const at = (name: keyof Awaited<ReturnType<typeof deploy>>, abi: keyof typeof INTERFACES) => {
      const { address = '' } = planDeployment(config).find((one) => one.name === name) ?? {};
      return new chain.ethers.Contract(address, INTERFACES[abi], deployer);
    };
    return { chain, config, deployer, publisher, guardian, proposer, stranger, at };
  };

  const heightOf = ({ ethers }: TestChain) => ethers.provider.getBlockNumber();

  it('default: puts the contracts where the plan says, with their roles, on any chain', async () => {
    const [first, second] = [await setUp(), await setUp(1)];

    const addresses = await deploy(first.deployer, first.config);

    expect(await deploy(second.deployer, second.config)).to.deep.equal(addresses);
    const planned = planDeployment(first.config).map(({ address }) => address);
    expect(Object.values(addresses)).to.deep.equal(planned);
    for (const address of planned)
      expect(await first.chain.ethers.provider.getCode(address)).to.not.equal('0x');
    const escrow = first.at('escrow', 'DepositEscrow');
    expect(await escrow.token()).to.equal(addresses.token);
    expect(await first.at('rewards', 'RosRewards').token()).to.equal(addresses.token);
    expect(await first.at('registry', 'WorkerRegistry').token()).to.equal(addresses.token);
    expect(
      new Set((await checkDeployment(first.chain.ethers.provider, first.config)).map(({ what }) => what)),
    ).to.deep.equal(new Set(['the deployer still has the admin role']));
  });

  it('behaviour: the second time, and after the hand-over, it sends nothing', async () => {
    const { chain, config, deployer } = await setUp();
    await deploy(deployer, config);
    await handOverToTimelock(deployer, config);
    const height = await heightOf(chain);

    await deploy(deployer, config);
    await handOverToTimelock(deployer, config);

    expect(await heightOf(chain)).to.equal(height);
  });

  it('behaviour: it goes on where another was cut off, and where a stranger put a contract first', async () => {
    const { chain, config, deployer, stranger } = await setUp();
    const [token, registry] = planDeployment(config);
    await (await setUpProxy(chain)).wait();
    for (const { creationCode } of [token, registry]) {
      const data = `${id('rios.contracts/1')}${creationCode.slice(2)}`;
      await (await stranger.sendTransaction({ to: CREATE2_PROXY, data })).wait();
    }

    await deploy(deployer, config);
    await handOverToTimelock(deployer, config);

    expect(await checkDeployment(chain.ethers.provider, config)).to.deep.equal([]);
  });

  it('behaviour: another value anywhere gives other addresses', async () => {
    const { config } = await setUp();
    const addressOf = (name: string, values: Partial<DeploymentConfig>) =>
      planDeployment({ ...config, ...values }).find((one) => one.name === name)?.address;

    expect(addressOf('escrow', { exitDelay: HOUR })).to.not.equal(addressOf('escrow', {}));
    expect(addressOf('rewards', { feeBps: 999 })).to.not.equal(addressOf('rewards', {}));
    expect(addressOf('registry', { rules: { ...RULES, quorum: 3 } })).to.not.equal(addressOf('registry', {}));
    expect(addressOf('token', { cap: 1n })).to.not.equal(addressOf('token', {}));
  });

  it('error USER_INVALID_REQUEST: a signer that is not the deployer of the configuration', async () => {
    const { config, stranger } = await setUp();

    const thrown = await deploy(stranger, config).catch((error: unknown) => error);

    expect(Reflect.get(Object(thrown), 'code')).to.equal('USER_INVALID_REQUEST');
  });

  it('behaviour: a configuration that a contract refuses is not put there', async () => {
    const { chain, config, deployer } = await setUp();
    const refused = { ...config, feeBps: 5_000 };

    const thrown = await deploy(deployer, refused).catch((error: unknown) => error);

    expect(thrown).to.be.instanceOf(Error);
    const missing = (await checkDeployment(chain.ethers.provider, refused)).map(({ contract }) => contract);
    expect(missing).to.deep.equal(['rewards', 'timelock']);
  });

  describe('the check', () => {
    it('behaviour: names what is not there', async () => {
      const { chain, config } = await setUp();

      expect(await checkDeployment(chain.ethers.provider, config)).to.deep.equal(
        ['token', 'registry', 'escrow', 'rewards', 'timelock'].map((contract) => ({
          contract,
          what: 'it is not there',
        })),
      );
    });

    it('behaviour: names who lacks a role, and who has one beside the configuration', async () => {
      const { chain, config, deployer, guardian, stranger, at } = await setUp();
      await deploy(deployer, config);
      await at('rewards', 'RosRewards').revokeRole(id('GUARDIAN'), guardian.address);
      await at('token', 'RosToken').grantRole(id('MINTER'), stranger.address);
      await at('registry', 'WorkerRegistry').grantRole(ZeroHash, stranger.address);
      await handOverToTimelock(deployer, config);

      expect(await checkDeployment(chain.ethers.provider, config)).to.have.deep.members([
        { contract: 'rewards', what: `${guardian.address} lacks the role ${id('GUARDIAN')}` },
        {
          contract: 'token',
          what: `${stranger.address} has the role ${id('MINTER')} beside the configuration`,
        },
        {
          contract: 'registry',
          what: `${stranger.address} has the role ${ZeroHash} beside the configuration`,
        },
      ]);
    });

    it('behaviour: names a contract that nobody is the admin of', async () => {
      const { chain, config, deployer, at } = await setUp();
      await deploy(deployer, config);
      await at('token', 'RosToken').renounceRole(ZeroHash, deployer.address);
      await handOverToTimelock(deployer, config);

      expect(await checkDeployment(chain.ethers.provider, config)).to.deep.equal([
        { contract: 'token', what: 'the timelock lacks the admin role' },
      ]);
    });
  });

  describe('after the hand-over to the timelock', () => {
    const handedOver = async () => {
      const all = await setUp();
      const { config, deployer, proposer, stranger, at } = all;
      await deploy(deployer, config);
      await handOverToTimelock(deployer, config);
      const timelock = at('timelock', 'RosTimelock');
      const token = at('token', 'RosToken');
      const grant = token.interface.encodeFunctionData('grantRole', [id('MINTER'), stranger.address]);
      const operation = [await token.getAddress(), 0n, grant, ZeroHash, ZeroHash];
      const asProposer = timelock.connect(proposer);
      const schedule = (values = operation, delay = 2 * DAY) =>
        asProposer.getFunction('schedule')(...values, delay);
      return {
        ...all,
        timelock,
        token,
        operation,
        asProposer,
        schedule,
        execute: timelock.getFunction('execute'),
      };
    };

    it('default: the deployer can do nothing any more, and every check passes', async () => {
      const { chain, config, deployer, stranger, at } = await handedOver();

      expect(await checkDeployment(chain.ethers.provider, config)).to.deep.equal([]);
      for (const contract of [
        at('token', 'RosToken'),
        at('rewards', 'RosRewards'),
        at('registry', 'WorkerRegistry'),
      ]) {
        await expectError(
          contract.grantRole(ZeroHash, stranger.address),
          'RosTimelock.AccessControlUnauthorizedAccount',
          [deployer.address, ZeroHash],
        );
      }
    });

    it('behaviour: a role is granted after the public delay, not a second before', async () => {
      const { chain, schedule, execute, operation, token, stranger } = await handedOver();
      await schedule();
      const readyAt = (await timeOf(chain)) + 2 * DAY;

      await nextTime(chain, readyAt - 1);
      await expectError(execute(...operation), 'RosTimelock.TimelockUnexpectedOperationState');
      await nextTime(chain, readyAt);
      await execute(...operation);

      expect(await token.hasRole(id('MINTER'), stranger.address)).to.equal(true);
      await expectError(execute(...operation), 'RosTimelock.TimelockUnexpectedOperationState');
    });

    it('error TimelockInsufficientDelay: nobody is faster than the delay', async () => {
      const { schedule, operation } = await handedOver();
      await expectError(schedule(operation, 2 * DAY - 1), 'RosTimelock.TimelockInsufficientDelay', [
        BigInt(2 * DAY - 1),
        BigInt(2 * DAY),
      ]);
    });

    it('error AccessControlUnauthorizedAccount: only proposers propose; a cancelled proposal is never carried out', async () => {
      const { chain, timelock, schedule, asProposer, execute, operation, deployer } = await handedOver();
      await expectError(
        timelock.getFunction('schedule')(...operation, 2 * DAY),
        'RosTimelock.AccessControlUnauthorizedAccount',
        [deployer.address, await timelock.PROPOSER_ROLE()],
      );
      await schedule();
      await asProposer.getFunction('cancel')(await timelock.hashOperation(...operation));
      await wait(chain, 3 * DAY);

      await expectError(execute(...operation), 'RosTimelock.TimelockUnexpectedOperationState');
    });

    it('error TimelockUnauthorizedCaller: its delay is changed by itself alone, after the old delay', async () => {
      const { chain, timelock, schedule, execute, deployer } = await handedOver();
      await expectError(timelock.updateDelay(0), 'RosTimelock.TimelockUnauthorizedCaller', [
        deployer.address,
      ]);
      const call = timelock.interface.encodeFunctionData('updateDelay', [HOUR]);
      const change = [await timelock.getAddress(), 0n, call, ZeroHash, ZeroHash];
      await schedule(change);
      await wait(chain, 2 * DAY);

      await execute(...change);

      expect(await timelock.getMinDelay()).to.equal(BigInt(HOUR));
    });

    it('error TimelockUnexecutedPredecessor, TimelockInvalidOperationLength, FailedCall', async () => {
      const { chain, timelock, schedule, asProposer, execute, operation, token } = await handedOver();
      const [target, value, call] = operation;
      const after = [target, value, call, id('something else'), ZeroHash];
      const failing = [await timelock.getAddress(), 0n, '0xffffffff', ZeroHash, ZeroHash];
      const refused = [
        target,
        0n,
        token.interface.encodeFunctionData('mint', [target, 1n]),
        ZeroHash,
        ZeroHash,
      ];
      for (const one of [after, failing, refused]) await schedule(one);
      await wait(chain, 2 * DAY);

      await expectError(execute(...after), 'RosTimelock.TimelockUnexecutedPredecessor', [
        id('something else'),
      ]);
      await expectError(execute(...failing), 'RosTimelock.FailedCall');
      await expectError(execute(...refused), 'RosTimelock.AccessControlUnauthorizedAccount');
      await expectError(
        asProposer.getFunction('scheduleBatch')([target], [], [call], ZeroHash, ZeroHash, 2 * DAY),
        'RosTimelock.TimelockInvalidOperationLength',
        [1n, 1n, 0n],
      );
    });
  });
});

/** The deterministic deployment proxy, as a stranger's deployment finds it. */
async function setUpProxy({ ethers }: TestChain) {
  const { ensureCreate2Proxy } = await import('../../../packages/sdk/src/chain/create2.ts');
  const [, , , , , , any] = await ethers.getSigners();
  await ensureCreate2Proxy(any);
  return any.sendTransaction({ to: any.address });
}
