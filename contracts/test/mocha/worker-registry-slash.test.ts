import { expect } from 'chai';
import type { Contract } from 'ethers';
import { nextTime, openTestChain, type TestChain, timeOf, wait } from './support/chain.ts';
import { DAY, deployRegistry, ROS, RULES } from './support/deployed.ts';
import { expectError } from './support/errors.ts';
import { signStatement } from './support/signatures.ts';

describe('slashes of WorkerRegistry', () => {
  let chain: TestChain;
  before(async () => {
    chain = await openTestChain();
  });

  /** A worker with 10 ROS at stake, and what judges do about it. */
  const setUp = async () => {
    const all = await deployRegistry(chain);
    const { registry, operator, judges, auditor, guardian } = all;
    const peer = chain.ethers.id('peer');
    const workerId = await registry.idOf(operator.address, peer);
    const asOperator = registry.connect(operator);
    await asOperator.getFunction('register')(peer, operator.address);
    await asOperator.getFunction('stake')(peer, 10n * ROS);
    const evidence = chain.ethers.id('evidence');
    const faultTime = await timeOf(chain);
    const asJudge = (i: number) => registry.connect(judges[i]) as Contract;
    const slashOf = (values: Partial<Slash> = {}) => {
      const fine = { workerId, amount: 4n * ROS, evidence, uri: 'ipfs://e', faultTime, auditor };
      const told = { ...fine, ...values };
      return [told.workerId, told.amount, told.evidence, told.uri, told.faultTime, told.auditor];
    };
    const propose = async (values: Partial<Slash> = {}, judge = 0) => {
      const args = slashOf(values);
      const slashId: string = await asJudge(judge)
        .getFunction('proposeSlash')
        .staticCall(...args);
      await asJudge(judge).getFunction('proposeSlash')(...args);
      return slashId;
    };
    const approve = (slashId: string, judge = 1) => asJudge(judge).getFunction('approveSlash')(slashId);
    const veto = (slashId: string) => registry.connect(guardian).getFunction('vetoSlash')(slashId);
    const agreed = async (values: Partial<Slash> = {}) => {
      const slashId = await propose(values);
      await approve(slashId);
      return slashId;
    };
    const bonded = async () => {
      const { stake, unbonding } = await registry.workers(workerId);
      return [stake, unbonding];
    };
    return {
      ...all,
      peer,
      workerId,
      asOperator,
      asJudge,
      evidence,
      faultTime,
      slashOf,
      propose,
      approve,
      veto,
      agreed,
      bonded,
    };
  };

  interface Slash {
    workerId: string;
    amount: bigint;
    evidence: string;
    uri: string;
    faultTime: number;
    auditor: string;
  }

  describe('by judges', () => {
    it('default: half goes to the harmed, a fifth to the auditor, the rest to the treasury', async () => {
      const { registry, token, agreed, bonded, harmedPool, auditor, treasury, evidence } = await setUp();
      const slashId = await agreed();
      await wait(chain, 2 * DAY);

      await registry.executeSlash(slashId);

      expect(await bonded()).to.deep.equal([6n * ROS, 0n]);
      expect(await token.balanceOf(harmedPool)).to.equal(2n * ROS);
      expect(await token.balanceOf(auditor)).to.equal((8n * ROS) / 10n);
      expect(await token.balanceOf(treasury)).to.equal((12n * ROS) / 10n);
      expect(await registry.isUsed(evidence)).to.equal(true);
    });

    it("behaviour: no auditor: his share is the harmed's; odd units too", async () => {
      const { registry, token, agreed, harmedPool, treasury } = await setUp();
      const slashId = await agreed({ amount: 7n, auditor: chain.ethers.ZeroAddress });
      await wait(chain, 2 * DAY);

      await registry.executeSlash(slashId);

      expect(await token.balanceOf(treasury)).to.equal(2n);
      expect(await token.balanceOf(harmedPool)).to.equal(5n);
    });

    it('behaviour: it takes stake first, then what unbonds, and never more than both', async () => {
      const { registry, asOperator, peer, agreed, bonded } = await setUp();
      const some = await agreed({ amount: 5n * ROS });
      const all = await agreed({ amount: 100n * ROS, evidence: chain.ethers.id('more') });
      await asOperator.getFunction('requestUnbond')(peer, 8n * ROS);
      await wait(chain, 2 * DAY);

      await registry.executeSlash(some);
      expect(await bonded()).to.deep.equal([0n, 5n * ROS]);
      await registry.executeSlash(all);
      expect(await bonded()).to.deep.equal([0n, 0n]);
    });

    it('behaviour: who asks to leave at his fault is still here when the oldest evidence is carried out', async () => {
      const { registry, asOperator, peer, agreed, bonded } = await setUp();
      await asOperator.getFunction('requestUnbond')(peer, 10n * ROS);
      const leftAt = await timeOf(chain);
      await nextTime(chain, leftAt + RULES.maxEvidenceAge - 1);
      const slashId = await agreed({ amount: 10n * ROS, faultTime: leftAt });
      await wait(chain, RULES.challengePeriod + RULES.vetoPeriod);

      await expectError(asOperator.getFunction('withdraw')(peer), 'WorkerRegistry.UnbondingNotOver');
      await registry.executeSlash(slashId);

      expect(await bonded()).to.deep.equal([0n, 0n]);
    });

    it('behaviour: a slash follows a worker that left and entered anew', async () => {
      const { registry, asOperator, operator, peer, agreed, bonded } = await setUp();
      const slashId = await agreed();
      await asOperator.getFunction('requestUnbond')(peer, 10n * ROS);
      await wait(chain, RULES.unbondPeriod);
      await asOperator.getFunction('withdraw')(peer);
      await asOperator.getFunction('deregister')(peer);
      await asOperator.getFunction('register')(peer, operator.address);
      await asOperator.getFunction('stake')(peer, 10n * ROS);

      await registry.executeSlash(slashId);

      expect(await bonded()).to.deep.equal([6n * ROS, 0n]);
    });

    it('error ZeroAmount: with nothing there it is not used up, and stays open', async () => {
      const { registry, asOperator, peer, agreed, bonded } = await setUp();
      const slashId = await agreed();
      await asOperator.getFunction('requestUnbond')(peer, 10n * ROS);
      await wait(chain, RULES.unbondPeriod);
      await asOperator.getFunction('withdraw')(peer);

      await expectError(registry.executeSlash(slashId), 'WorkerRegistry.ZeroAmount');
      await asOperator.getFunction('stake')(peer, ROS);
      await registry.executeSlash(slashId);
      expect(await bonded()).to.deep.equal([0n, 0n]);
    });

    it('error QuorumMissing: one judge alone', async () => {
      const { registry, propose } = await setUp();
      const slashId = await propose();
      await wait(chain, 2 * DAY);

      await expectError(registry.executeSlash(slashId), 'WorkerRegistry.QuorumMissing', [1n, 2n]);
    });

    it('error ApprovalTooLate: judges cannot wait until nobody may veto', async () => {
      const { registry, propose, approve } = await setUp();
      const slashId = await propose();
      const until = (await timeOf(chain)) + RULES.challengePeriod;

      await nextTime(chain, until);
      await expectError(approve(slashId), 'WorkerRegistry.ApprovalTooLate', [BigInt(until)]);
      await wait(chain, 2 * DAY);
      await expectError(approve(slashId), 'WorkerRegistry.ApprovalTooLate');
      await expectError(registry.executeSlash(slashId), 'WorkerRegistry.QuorumMissing');
    });

    it('behaviour: in the last second of the challenge period a judge still agrees', async () => {
      const { propose, approve, registry } = await setUp();
      const slashId = await propose();
      await nextTime(chain, (await timeOf(chain)) + RULES.challengePeriod - 1);

      await approve(slashId);

      expect((await registry.slashes(slashId)).approvals).to.equal(2n);
    });

    it('error SlashNotReady: a second before the veto period is over', async () => {
      const { registry, propose, approve } = await setUp();
      const slashId = await propose();
      const executableAt = (await timeOf(chain)) + RULES.challengePeriod + RULES.vetoPeriod;
      await approve(slashId);

      await nextTime(chain, executableAt - 1);
      await expectError(registry.executeSlash(slashId), 'WorkerRegistry.SlashNotReady', [
        BigInt(executableAt),
      ]);
      await nextTime(chain, executableAt);
      await registry.executeSlash(slashId);
    });

    it('error SlashClosed: twice, or after a veto', async () => {
      const { registry, asOperator, peer, agreed, approve, veto } = await setUp();
      const done = await agreed();
      const vetoed = await agreed({ amount: ROS });
      await veto(vetoed);
      await wait(chain, 2 * DAY);
      await registry.executeSlash(done);

      for (const slashId of [done, vetoed]) {
        for (const call of [
          () => registry.executeSlash(slashId),
          () => veto(slashId),
          () => approve(slashId, 2),
          () => asOperator.getFunction('disputeSlash')(peer, slashId, ''),
        ]) {
          await expectError(call(), 'WorkerRegistry.SlashClosed', [slashId]);
        }
      }
    });

    it('error UnknownSlash', async () => {
      const { registry, approve, veto, evidence } = await setUp();
      for (const call of [
        () => registry.executeSlash(evidence),
        () => approve(evidence),
        () => veto(evidence),
      ]) {
        await expectError(call(), 'WorkerRegistry.UnknownSlash', [evidence]);
      }
    });

    it('error EvidenceUsed: of two slashes for one evidence one is carried out, and none is proposed after', async () => {
      const { registry, agreed, asJudge, slashOf, evidence } = await setUp();
      const first = await agreed({ amount: ROS });
      const second = await agreed({ amount: 2n * ROS });
      await wait(chain, 2 * DAY);
      await registry.executeSlash(second);

      await expectError(registry.executeSlash(first), 'WorkerRegistry.EvidenceUsed', [evidence]);
      const again = slashOf({ amount: 3n * ROS, faultTime: await timeOf(chain) });
      await expectError(asJudge(0).getFunction('proposeSlash')(...again), 'WorkerRegistry.EvidenceUsed', [
        evidence,
      ]);
    });

    it('behaviour: a judge who proposes nonsense, or is vetoed, does not use the evidence up', async () => {
      const { registry, propose, veto, agreed, operator, bonded } = await setUp();
      const nonsense = await propose({ amount: 1n, auditor: operator.address }, 2);
      await veto(nonsense);

      const slashId = await agreed();
      await wait(chain, 2 * DAY);
      await registry.executeSlash(slashId);

      expect(await bonded()).to.deep.equal([6n * ROS, 0n]);
    });

    it('error AlreadyProposed: the same slash again, also after a veto', async () => {
      const { propose, veto, asJudge, slashOf } = await setUp();
      const slashId = await propose();
      const again = () => asJudge(1).getFunction('proposeSlash')(...slashOf({ uri: 'ipfs://other' }));

      await expectError(again(), 'WorkerRegistry.AlreadyProposed', [slashId]);
      await veto(slashId);
      await expectError(again(), 'WorkerRegistry.AlreadyProposed', [slashId]);
    });

    it('error AlreadyApproved: each judge counts once, the proposer too', async () => {
      const { propose, approve, judges } = await setUp();
      const slashId = await propose();
      await approve(slashId, 1);

      await expectError(approve(slashId, 0), 'WorkerRegistry.AlreadyApproved', [judges[0].address]);
      await expectError(approve(slashId, 1), 'WorkerRegistry.AlreadyApproved', [judges[1].address]);
    });

    it('error EvidenceOutOfTime: too old by a second, or of the future', async () => {
      const { asJudge, slashOf, faultTime, propose } = await setUp();
      const attempt = (time: number) =>
        asJudge(0).getFunction('proposeSlash')(...slashOf({ faultTime: time }));
      await nextTime(chain, faultTime + RULES.maxEvidenceAge + 1);
      await expectError(attempt(faultTime), 'WorkerRegistry.EvidenceOutOfTime', [BigInt(faultTime)]);

      const now = (await timeOf(chain)) + 10;
      await nextTime(chain, now);
      await expectError(attempt(now + 1), 'WorkerRegistry.EvidenceOutOfTime', [BigInt(now + 1)]);
      await propose({ faultTime: (await timeOf(chain)) - RULES.maxEvidenceAge + 100 });
    });

    it('error ZeroAmount, NotRegistered: a slash of nothing, or of nobody', async () => {
      const { asJudge, slashOf, evidence } = await setUp();
      const attempt = (values: Partial<Slash>) => asJudge(0).getFunction('proposeSlash')(...slashOf(values));

      await expectError(attempt({ amount: 0n }), 'WorkerRegistry.ZeroAmount');
      await expectError(attempt({ workerId: evidence }), 'WorkerRegistry.NotRegistered', [evidence]);
    });

    it('error VetoTooLate: from the second on in which it can be carried out', async () => {
      const { propose, veto } = await setUp();
      const slashId = await propose();
      const executableAt = (await timeOf(chain)) + 2 * DAY;

      await nextTime(chain, executableAt);
      await expectError(veto(slashId), 'WorkerRegistry.VetoTooLate', [BigInt(executableAt)]);
    });

    it('behaviour: in the second before the guardian still has his say', async () => {
      const { agreed, veto, registry } = await setUp();
      const slashId = await agreed();
      const { executableAt } = await registry.slashes(slashId);
      await nextTime(chain, Number(executableAt) - 1);

      await veto(slashId);

      await wait(chain, 10);
      await expectError(registry.executeSlash(slashId), 'WorkerRegistry.SlashClosed');
    });

    it("behaviour: the operator's answer is on record; error NotRegistered: of another there is none", async () => {
      const { asOperator, registry, stranger, peer, propose } = await setUp();
      const slashId = await propose();

      const receipt = await (
        await asOperator.getFunction('disputeSlash')(peer, slashId, 'ipfs://answer')
      ).wait();
      const [log] = receipt?.logs ?? [];
      expect(registry.interface.parseLog(log)?.args.toArray()).to.deep.equal([slashId, 'ipfs://answer']);
      await expectError(
        registry.connect(stranger).getFunction('disputeSlash')(peer, slashId, ''),
        'WorkerRegistry.NotRegistered',
      );
    });

    it('error AccessControlUnauthorizedAccount: judges judge, the guardian vetoes, and neither does both', async () => {
      const { registry, admin, guardian, judges, propose, slashOf } = await setUp();
      const slashId = await propose();
      const [judge, veto] = [await registry.JUDGE(), await registry.GUARDIAN()];
      const refused = async (who: typeof admin, role: string, name: string, args: unknown[]) =>
        expectError(
          registry.connect(who).getFunction(name)(...args),
          'WorkerRegistry.AccessControlUnauthorizedAccount',
          [who.address, role],
        );

      for (const who of [admin, guardian]) {
        await refused(who, judge, 'proposeSlash', slashOf({ amount: 1n }));
        await refused(who, judge, 'approveSlash', [slashId]);
      }
      for (const who of [admin, judges[1]]) await refused(who, veto, 'vetoSlash', [slashId]);
    });
  });

  describe('by contradiction', () => {
    /** Statements of the worker's operator about one request. */
    const contradicting = async () => {
      const all = await setUp();
      const { registry, operator, stranger, peer, workerId, place } = all;
      const { id } = chain.ethers;
      const state = (
        commitment: string,
        values: { workerId?: string; requestId?: string } = {},
        signer = operator,
      ) =>
        signStatement(signer, place, {
          workerId,
          requestId: id('request'),
          commitment: id(commitment),
          ...values,
        });
      const report = (a: unknown, b: unknown, who = operator.address) =>
        registry.connect(stranger).getFunction('reportEquivocation')(who, peer, a, b);
      return { ...all, id, state, report };
    };

    it('default: two answers to one request cost the share of the stake at once, and the reporter is the auditor', async () => {
      const { state, report, bonded, token, harmedPool, treasury, stranger } = await contradicting();
      const before = await token.balanceOf(stranger.address);

      await report(await state('a'), await state('b'));

      expect(await bonded()).to.deep.equal([5n * ROS, 0n]);
      expect(await token.balanceOf(harmedPool)).to.equal((25n * ROS) / 10n);
      expect((await token.balanceOf(stranger.address)) - before).to.equal(ROS);
      expect(await token.balanceOf(treasury)).to.equal((15n * ROS) / 10n);
    });

    it('behaviour: what unbonds counts too', async () => {
      const { state, report, bonded, asOperator, peer } = await contradicting();
      await asOperator.getFunction('requestUnbond')(peer, 8n * ROS);

      await report(await state('a'), await state('b'));

      expect(await bonded()).to.deep.equal([0n, 5n * ROS]);
    });

    it('error EvidenceUsed: the same pair again, in either order', async () => {
      const { state, report } = await contradicting();
      const [a, b] = [await state('a'), await state('b')];
      await report(a, b);

      await expectError(report(a, b), 'WorkerRegistry.EvidenceUsed');
      await expectError(report(b, a), 'WorkerRegistry.EvidenceUsed');
      await report(a, await state('c'));
    });

    it('error ZeroAmount: nobody uses his own evidence up before it costs him', async () => {
      const { state, report, asOperator, peer, bonded } = await contradicting();
      await asOperator.getFunction('requestUnbond')(peer, 10n * ROS);
      await wait(chain, RULES.unbondPeriod);
      await asOperator.getFunction('withdraw')(peer);
      const [a, b] = [await state('a'), await state('b')];

      await expectError(report(a, b), 'WorkerRegistry.ZeroAmount');
      await asOperator.getFunction('stake')(peer, 1n);
      await expectError(report(a, b), 'WorkerRegistry.ZeroAmount');
      await asOperator.getFunction('stake')(peer, 2n * ROS - 1n);
      await report(a, b);

      expect(await bonded()).to.deep.equal([ROS, 0n]);
    });

    it('behaviour: judges cannot stand in the way: their proposals do not use it up', async () => {
      const { state, report, propose, workerId, id, bonded } = await contradicting();
      const [low, high] = [id('a'), id('b')].toSorted();
      const evidence = chain.ethers.keccak256(
        chain.ethers.AbiCoder.defaultAbiCoder().encode(
          ['bytes32', 'bytes32', 'bytes32', 'bytes32'],
          [workerId, id('request'), low, high],
        ),
      );
      await propose({ evidence });

      await report(await state('a'), await state('b'));

      expect(await bonded()).to.deep.equal([5n * ROS, 0n]);
    });

    it('behaviour: a contract wallet that operates a worker states by its own rule', async () => {
      const { registry, token, admin, operator, peer, place, report, id } = await contradicting();
      const wallet = await chain.ethers.deployContract('ContractWallet', [operator.address]);
      const address = await wallet.getAddress();
      await token.connect(admin).getFunction('transfer')(address, 10n * ROS);
      const act = async (contract: typeof token, name: string, args: unknown[]) =>
        wallet.act(await contract.getAddress(), contract.interface.encodeFunctionData(name, args));
      await act(token, 'approve', [place.contract, ROS]);
      await act(registry, 'register', [peer, address]);
      await act(registry, 'stake', [peer, ROS]);
      const workerId = await registry.idOf(address, peer);
      const state = (commitment: string) =>
        signStatement(operator, place, { workerId, requestId: id('request'), commitment: id(commitment) });

      await report(await state('a'), await state('b'), address);

      expect((await registry.workers(workerId)).stake).to.equal(ROS / 2n);
    });

    it('error NoEquivocation: equal, about two requests, of another signer, of another worker, or changed', async () => {
      const { state, report, stranger, id } = await contradicting();
      const [a, b] = [await state('a'), await state('b')];
      const pairs = [
        [a, a],
        [a, await state('b', { requestId: id('other request') })],
        [a, await state('b', {}, stranger)],
        [await state('a', {}, stranger), b],
        [a, await state('b', { workerId: id('other worker') })],
        [a, { ...b, commitment: id('c') }],
        [{ ...a, signature: '0x' }, b],
      ];

      for (const [one, other] of pairs) {
        await expectError(report(one, other), 'WorkerRegistry.NoEquivocation');
      }
      await expectError(report(a, b, stranger.address), 'WorkerRegistry.NoEquivocation');
    });
  });
});
