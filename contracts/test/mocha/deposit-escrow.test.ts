import { expect } from 'chai';
import type { Log } from 'ethers';
import { nextTime, openTestChain, type TestChain, timeOf, wait } from './support/chain.ts';
import { deployEscrow, HOUR, ROS } from './support/deployed.ts';
import { expectError } from './support/errors.ts';
import { signPermit, signVoucher } from './support/signatures.ts';

describe('DepositEscrow', () => {
  let chain: TestChain;
  before(async () => {
    chain = await openTestChain();
  });

  const setUp = async () => {
    const all = await deployEscrow(chain);
    const { escrow, payer, other, stranger } = all;
    return {
      ...all,
      asPayer: escrow.connect(payer),
      asOther: escrow.connect(other),
      asStranger: escrow.connect(stranger),
      balanceOf: async (who: string) => (await escrow.accounts(who)).balance,
    };
  };

  describe('deposit', () => {
    it('default: a payer pays in for himself, or another for him', async () => {
      const { asPayer, asOther, payer, token, escrow, balanceOf } = await setUp();

      await asPayer.getFunction('deposit')(payer.address, 3n * ROS);
      await asOther.getFunction('deposit')(payer.address, ROS);

      expect(await balanceOf(payer.address)).to.equal(4n * ROS);
      expect(await token.balanceOf(await escrow.getAddress())).to.equal(4n * ROS);
    });

    it('behaviour: a permit takes the place of an allowance', async () => {
      const { asPayer, payer, token, escrow, place, balanceOf } = await setUp();
      const spender = place.contract;
      await token.connect(payer).getFunction('approve')(spender, 0n);
      const permit = await signPermit(payer, await tokenPlace(token), { spender, value: ROS, nonce: 0n });

      await asPayer.getFunction('depositWithPermit')(ROS, permit.deadline, permit.v, permit.r, permit.s);

      expect(await balanceOf(payer.address)).to.equal(ROS);
      expect(await token.allowance(payer.address, await escrow.getAddress())).to.equal(0n);
    });

    it('behaviour: a permit that someone else sent first does no harm', async () => {
      const { asPayer, payer, stranger, token, place, balanceOf } = await setUp();
      const spender = place.contract;
      await token.connect(payer).getFunction('approve')(spender, 0n);
      const { deadline, v, r, s } = await signPermit(payer, await tokenPlace(token), {
        spender,
        value: ROS,
        nonce: 0n,
      });
      await token.connect(stranger).getFunction('permit')(payer.address, spender, ROS, deadline, v, r, s);

      await asPayer.getFunction('depositWithPermit')(ROS, deadline, v, r, s);

      expect(await balanceOf(payer.address)).to.equal(ROS);
    });

    it('error ERC20InsufficientAllowance: a permit of another, and no allowance', async () => {
      const { payer, stranger, escrow, token, place } = await setUp();
      const { deadline, v, r, s } = await signPermit(payer, await tokenPlace(token), {
        spender: place.contract,
        value: ROS,
        nonce: 0n,
      });
      await token.connect(stranger).getFunction('approve')(place.contract, 0n);

      const call = escrow.connect(stranger).getFunction('depositWithPermit')(ROS, deadline, v, r, s);

      await expectError(call, 'RosToken.ERC20InsufficientAllowance');
    });

    it('error ZeroAmount, ZeroAddress: nothing, and for nobody', async () => {
      const { asPayer, payer } = await setUp();

      await expectError(asPayer.getFunction('deposit')(payer.address, 0n), 'DepositEscrow.ZeroAmount');
      await expectError(
        asPayer.getFunction('deposit')(chain.ethers.ZeroAddress, ROS),
        'DepositEscrow.ZeroAddress',
      );
    });
  });

  describe('vouchers', () => {
    it('default: pays what a voucher says beyond what was collected, to the beneficiary', async () => {
      const { asPayer, asStranger, payer, token, escrow, beneficiary, place } = await setUp();
      await asPayer.getFunction('deposit')(payer.address, 10n * ROS);

      await asStranger.getFunction('collect')([await signVoucher(payer, place, 3n * ROS)]);
      await asStranger.getFunction('collect')([await signVoucher(payer, place, 5n * ROS)]);

      const account = await escrow.accounts(payer.address);
      expect([...account]).to.deep.equal([5n * ROS, 5n * ROS]);
      expect(await token.balanceOf(beneficiary)).to.equal(5n * ROS);
    });

    it('behaviour: the whole balance can be collected, by a voucher in its last second', async () => {
      const { asPayer, escrow, payer, token, beneficiary, place } = await setUp();
      await asPayer.getFunction('deposit')(payer.address, ROS);
      const deadline = BigInt((await timeOf(chain)) + 100);
      const voucher = await signVoucher(payer, place, ROS, { deadline });

      await nextTime(chain, Number(deadline));
      await escrow.collect([voucher]);

      expect(await token.balanceOf(beneficiary)).to.equal(ROS);
    });

    it('error VoucherStale: the same voucher again, and an older one', async () => {
      const { asPayer, escrow, payer, place } = await setUp();
      await asPayer.getFunction('deposit')(payer.address, 10n * ROS);
      const old = await signVoucher(payer, place, 2n * ROS);
      const voucher = await signVoucher(payer, place, 3n * ROS);
      await escrow.collect([voucher]);

      for (const one of [old, voucher]) {
        await expectError(escrow.collect([one]), 'DepositEscrow.VoucherStale', [
          payer.address,
          3n * ROS,
          one.cumulative,
        ]);
      }
      await expectError(
        escrow.collect([
          await signVoucher(payer, place, 4n * ROS),
          await signVoucher(payer, place, 4n * ROS),
        ]),
        'DepositEscrow.VoucherStale',
      );
    });

    it('error VoucherExpired: a second after its deadline', async () => {
      const { asPayer, escrow, payer, place } = await setUp();
      await asPayer.getFunction('deposit')(payer.address, ROS);
      const deadline = BigInt((await timeOf(chain)) + 100);
      const voucher = await signVoucher(payer, place, ROS, { deadline });

      await wait(chain, 101);

      await expectError(escrow.collect([voucher]), 'DepositEscrow.VoucherExpired', [payer.address, deadline]);
    });

    it('error BadVoucherSignature: of another, changed, for another escrow, for another chain, or none', async () => {
      const { asPayer, escrow, payer, stranger, token, place } = await setUp();
      await asPayer.getFunction('deposit')(payer.address, 10n * ROS);
      const fine = await signVoucher(payer, place, ROS);
      const forged = [
        await signVoucher(stranger, place, ROS, { payer: payer.address }),
        { ...fine, cumulative: 2n * ROS },
        { ...fine, deadline: fine.deadline + 1n },
        await signVoucher(payer, { ...place, contract: await token.getAddress() }, ROS),
        await signVoucher(payer, { ...place, chainId: 1 }, ROS),
        { ...fine, signature: '0x' },
        { ...fine, signature: `0x${'00'.repeat(65)}` },
        { ...fine, signature: `${fine.signature}00` },
      ];

      for (const voucher of forged) {
        await expectError(escrow.collect([voucher]), 'DepositEscrow.BadVoucherSignature', [payer.address]);
      }
    });

    it('error InsufficientBalance: a voucher beyond the deposit pays nothing, not a part', async () => {
      const { asPayer, escrow, payer, place, balanceOf } = await setUp();
      await asPayer.getFunction('deposit')(payer.address, ROS);

      const call = escrow.collect([await signVoucher(payer, place, ROS + 1n)]);

      await expectError(call, 'DepositEscrow.InsufficientBalance', [payer.address, ROS, ROS + 1n]);
      expect(await balanceOf(payer.address)).to.equal(ROS);
    });

    it('behaviour: collect takes all of a batch or nothing', async () => {
      const { asPayer, asOther, escrow, payer, other, token, beneficiary, place } = await setUp();
      await asPayer.getFunction('deposit')(payer.address, ROS);
      await asOther.getFunction('deposit')(other.address, ROS);

      const bad = await signVoucher(payer, place, ROS, { payer: other.address });
      await expectError(
        escrow.collect([await signVoucher(payer, place, ROS), bad]),
        'DepositEscrow.BadVoucherSignature',
      );

      expect(await token.balanceOf(beneficiary)).to.equal(0n);
    });

    it('behaviour: tryCollect passes over what cannot be collected, and says why', async () => {
      const { asPayer, asOther, escrow, payer, other, stranger, token, beneficiary, place } = await setUp();
      await asPayer.getFunction('deposit')(payer.address, 10n * ROS);
      await asOther.getFunction('deposit')(other.address, ROS);
      const batch = [
        await signVoucher(payer, place, 2n * ROS),
        await signVoucher(payer, place, 2n * ROS),
        await signVoucher(payer, place, 3n * ROS, { deadline: 1n }),
        await signVoucher(stranger, place, 3n * ROS, { payer: payer.address }),
        await signVoucher(other, place, 2n * ROS),
        await signVoucher(other, place, ROS),
      ];

      const receipt = await (await escrow.tryCollect(batch)).wait();

      const told = (receipt?.logs ?? []).flatMap((log: Log) => {
        const parsed = escrow.interface.parseLog(log);
        return parsed === null ? [] : [[parsed.name, parsed.args[0], parsed.args[2]]];
      });
      expect(told).to.deep.equal([
        ['Collected', payer.address, 2n * ROS],
        ['Skipped', payer.address, 0n],
        ['Skipped', payer.address, 1n],
        ['Skipped', payer.address, 2n],
        ['Skipped', other.address, 3n],
        ['Collected', other.address, ROS],
      ]);
      expect(await token.balanceOf(beneficiary)).to.equal(3n * ROS);
    });

    it('behaviour: an empty batch, and one of nothing but stale vouchers, moves no money', async () => {
      const { escrow, payer, token, beneficiary, place } = await setUp();

      await escrow.collect([]);
      await escrow.tryCollect([await signVoucher(payer, place, 0n)]);

      expect(await token.balanceOf(beneficiary)).to.equal(0n);
    });

    it('behaviour: a payer who left and comes back cannot be charged twice for what he paid', async () => {
      const { asPayer, escrow, payer, place } = await setUp();
      await asPayer.getFunction('deposit')(payer.address, 5n * ROS);
      const voucher = await signVoucher(payer, place, 2n * ROS);
      await escrow.collect([voucher]);
      await asPayer.getFunction('startExit')(3n * ROS);
      await wait(chain, HOUR);
      await asPayer.getFunction('withdraw')();
      await asPayer.getFunction('deposit')(payer.address, 5n * ROS);

      await expectError(escrow.collect([voucher]), 'DepositEscrow.VoucherStale');
    });
  });

  describe('exit', () => {
    const leaving = async () => {
      const all = await setUp();
      await all.asPayer.getFunction('deposit')(all.payer.address, 10n * ROS);
      return all;
    };

    it('default: what an exit asks for is paid after its delay, not a second before', async () => {
      const { asPayer, payer, token, balanceOf } = await leaving();
      const before = await token.balanceOf(payer.address);
      await asPayer.getFunction('startExit')(4n * ROS);
      const readyAt = BigInt((await timeOf(chain)) + HOUR);

      await nextTime(chain, Number(readyAt) - 1);
      await expectError(asPayer.getFunction('withdraw')(), 'DepositEscrow.ExitNotReady', [readyAt]);
      await nextTime(chain, Number(readyAt));
      await asPayer.getFunction('withdraw')();

      expect(await token.balanceOf(payer.address)).to.equal(before + 4n * ROS);
      expect(await balanceOf(payer.address)).to.equal(6n * ROS);
    });

    it('behaviour: a voucher given away before is collected while the exit waits, and the rest is paid', async () => {
      const { asPayer, escrow, payer, token, place, beneficiary } = await leaving();
      const voucher = await signVoucher(payer, place, 7n * ROS);
      await asPayer.getFunction('startExit')(10n * ROS);

      await escrow.collect([voucher]);
      await wait(chain, HOUR);
      const before = await token.balanceOf(payer.address);
      await asPayer.getFunction('withdraw')();

      expect(await token.balanceOf(beneficiary)).to.equal(7n * ROS);
      expect(await token.balanceOf(payer.address)).to.equal(before + 3n * ROS);
    });

    it('behaviour: an exit pays once', async () => {
      const { asPayer } = await leaving();
      await asPayer.getFunction('startExit')(4n * ROS);
      await wait(chain, HOUR);
      await asPayer.getFunction('withdraw')();

      await expectError(asPayer.getFunction('withdraw')(), 'DepositEscrow.NoExit');
    });

    it('behaviour: what an exit asked for counts as gone: a ripe one can be withdrawn ahead of any voucher', async () => {
      const { asPayer, escrow, payer, place } = await leaving();
      expect(await escrow.available(payer.address)).to.equal(10n * ROS);
      await asPayer.getFunction('startExit')(8n * ROS);
      await wait(chain, HOUR);

      expect(await escrow.available(payer.address)).to.equal(2n * ROS);
      const voucher = await signVoucher(payer, place, 9n * ROS);
      await asPayer.getFunction('withdraw')();
      await expectError(escrow.collect([voucher]), 'DepositEscrow.InsufficientBalance');
      await escrow.collect([await signVoucher(payer, place, 2n * ROS)]);
      expect(await escrow.available(payer.address)).to.equal(0n);
    });

    it('behaviour: an exit larger than what vouchers left makes nothing available, and later deposits stay', async () => {
      const { asPayer, escrow, payer, place, balanceOf } = await leaving();
      await asPayer.getFunction('startExit')(10n * ROS);
      await escrow.collect([await signVoucher(payer, place, 9n * ROS)]);

      expect(await escrow.available(payer.address)).to.equal(0n);
      await asPayer.getFunction('deposit')(payer.address, 20n * ROS);
      expect(await escrow.available(payer.address)).to.equal(11n * ROS);
      await wait(chain, HOUR);
      await asPayer.getFunction('withdraw')();
      expect(await balanceOf(payer.address)).to.equal(11n * ROS);
    });

    it('behaviour: a new exit replaces the old one and its time; a cancelled one is gone', async () => {
      const { asPayer, escrow, payer } = await leaving();
      await asPayer.getFunction('startExit')(4n * ROS);
      await wait(chain, HOUR);
      await asPayer.getFunction('startExit')(5n * ROS);

      await expectError(asPayer.getFunction('withdraw')(), 'DepositEscrow.ExitNotReady');
      await asPayer.getFunction('cancelExit')();
      await expectError(asPayer.getFunction('withdraw')(), 'DepositEscrow.NoExit');
      await expectError(asPayer.getFunction('cancelExit')(), 'DepositEscrow.NoExit');
      expect(await escrow.available(payer.address)).to.equal(10n * ROS);
    });

    it('behaviour: a deposit by another neither delays an exit nor enlarges it', async () => {
      const { asPayer, asOther, payer, balanceOf } = await leaving();
      await asPayer.getFunction('startExit')(10n * ROS);
      await wait(chain, HOUR);
      await asOther.getFunction('deposit')(payer.address, 1n);

      await asPayer.getFunction('withdraw')();

      expect(await balanceOf(payer.address)).to.equal(1n);
    });

    it('error ZeroAmount, InsufficientBalance: an exit with nothing, or with more than is there', async () => {
      const { asPayer, payer } = await leaving();

      await expectError(asPayer.getFunction('startExit')(0n), 'DepositEscrow.ZeroAmount');
      await expectError(
        asPayer.getFunction('startExit')(10n * ROS + 1n),
        'DepositEscrow.InsufficientBalance',
        [payer.address, 10n * ROS, 10n * ROS + 1n],
      );
    });
  });

  describe('configuration', () => {
    const deploy = async (
      where: TestChain,
      values: { token?: string; beneficiary?: string; delay?: number },
    ) => {
      const [signer] = await where.ethers.getSigners();
      const { token = signer.address, beneficiary = signer.address, delay = HOUR } = values;
      return where.ethers.deployContract('DepositEscrow', [token, beneficiary, delay]);
    };

    it('error InvalidConfiguration: no token, no beneficiary, a delay above 30 days', async () => {
      const zero = chain.ethers.ZeroAddress;

      await expectError(deploy(chain, { token: zero }), 'DepositEscrow.InvalidConfiguration');
      await expectError(deploy(chain, { beneficiary: zero }), 'DepositEscrow.InvalidConfiguration');
      await expectError(deploy(chain, { delay: 30 * 24 * HOUR + 1 }), 'DepositEscrow.InvalidConfiguration');
      await deploy(chain, { delay: 30 * 24 * HOUR });
    });

    it('error InvalidConfiguration: a delay below an hour, save on a dev chain', async () => {
      const real = await openTestChain(1);

      await expectError(deploy(real, { delay: HOUR - 1 }), 'DepositEscrow.InvalidConfiguration');
      await deploy(real, { delay: HOUR });
      await deploy(chain, { delay: 0 });
    });
  });
});

const tokenPlace = async (token: { getAddress(): Promise<string> }) => ({
  chainId: 31_337,
  contract: await token.getAddress(),
});
