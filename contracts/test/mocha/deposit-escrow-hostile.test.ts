import { expect } from 'chai';
import { gasOf, openTestChain, type TestChain } from './support/chain.ts';
import { deployEscrow, HOUR, ROS } from './support/deployed.ts';
import { expectError } from './support/errors.ts';
import { signVoucher } from './support/signatures.ts';

const MOODS = {
  honest: 0,
  burnsAllGas: 1,
  answersTooMuch: 2,
  answersTooLittle: 3,
  answersAnother: 4,
  reverts: 5,
};

describe('DepositEscrow among contracts', () => {
  let chain: TestChain;
  before(async () => {
    chain = await openTestChain();
  });

  describe('contract wallets', () => {
    /** A contract wallet of `payer` with 10 ROS in the escrow; `other` has 10 ROS too. */
    const setUp = async () => {
      const all = await deployEscrow(chain);
      const { escrow, payer, other, place } = all;
      const wallet = await chain.ethers.deployContract('ContractWallet', [payer.address]);
      const address = await wallet.getAddress();
      await escrow.connect(payer).getFunction('deposit')(address, 10n * ROS);
      await escrow.connect(other).getFunction('deposit')(other.address, 10n * ROS);
      const spend = (cumulative: bigint) => signVoucher(payer, place, cumulative, { payer: address });
      return { ...all, wallet, address, spend };
    };

    it('default: a contract wallet pays by its own rule (ERC-1271)', async () => {
      const { escrow, token, beneficiary, spend } = await setUp();

      await escrow.collect([await spend(2n * ROS)]);

      expect(await token.balanceOf(beneficiary)).to.equal(2n * ROS);
    });

    it('error BadVoucherSignature: a signature that the wallet does not know', async () => {
      const { escrow, address, stranger, place } = await setUp();
      const forged = await signVoucher(stranger, place, ROS, { payer: address });
      await expectError(escrow.collect([forged]), 'DepositEscrow.BadVoucherSignature', [address]);
    });

    it('error BadVoucherSignature: a wallet that reverts, or answers too little or another word', async () => {
      const { escrow, wallet, spend } = await setUp();

      for (const mood of [MOODS.answersTooLittle, MOODS.answersAnother, MOODS.reverts]) {
        await wallet.change(mood);
        await expectError(escrow.collect([await spend(ROS)]), 'DepositEscrow.BadVoucherSignature');
      }
    });

    it('behaviour: a session key of a contract wallet pays as well', async () => {
      const { escrow, wallet, address, place, token, beneficiary } = await setUp();
      const key = chain.ethers.Wallet.createRandom();
      const call = escrow.interface.encodeFunctionData('authoriseSession', [
        key.address,
        ROS,
        4_000_000_000n,
      ]);
      await wallet.act(await escrow.getAddress(), call);

      await escrow.collect([await signVoucher(key, place, ROS, { payer: address })]);

      expect(await token.balanceOf(beneficiary)).to.equal(ROS);
    });

    it('behaviour: a wallet that burns all gas or answers with much cannot keep others from being collected', async () => {
      const { escrow, wallet, other, place, spend, token, beneficiary } = await setUp();

      let spent = 0n;
      for (const mood of [MOODS.burnsAllGas, MOODS.answersTooMuch]) {
        await wallet.change(mood);
        spent += ROS;
        const batch = [await spend(ROS), await signVoucher(other, place, spent)];
        const gas = await gasOf(escrow.tryCollect(batch, { gasLimit: 1_000_000 }));
        expect(gas).to.be.below(600_000);
        expect(await token.balanceOf(beneficiary)).to.equal(spent);
      }
    });
  });

  describe('tokens', () => {
    const setUp = async () => {
      const { ethers } = chain;
      const [payer, beneficiary] = await ethers.getSigners();
      const token = await ethers.deployContract('HostileToken');
      const escrow = await ethers.deployContract('DepositEscrow', [
        await token.getAddress(),
        beneficiary.address,
        HOUR,
      ]);
      const address = await escrow.getAddress();
      await token.mint(payer.address, 100n * ROS);
      await token.approve(address, 100n * ROS);
      await escrow.deposit(payer.address, 10n * ROS);
      const place = { chainId: chain.chainId, contract: address };
      return { escrow, token, address, payer, place };
    };

    it('error WrongAmountReceived: a token that keeps a fee', async () => {
      const { escrow, token, payer } = await setUp();
      await token.keepFee(1n);

      const call = escrow.deposit(payer.address, ROS);

      await expectError(call, 'DepositEscrow.WrongAmountReceived', [ROS, ROS - 1n]);
    });

    it('error SafeERC20FailedOperation: a token that refuses without a revert', async () => {
      const { escrow, token, payer, place } = await setUp();
      await token.refuse(true);
      const told = [await token.getAddress()];

      await expectError(escrow.deposit(payer.address, ROS), 'DepositEscrow.SafeERC20FailedOperation', told);
      await expectError(
        escrow.collect([await signVoucher(payer, place, ROS)]),
        'DepositEscrow.SafeERC20FailedOperation',
        told,
      );
    });

    it('error ReentrancyGuardReentrantCall: a token that comes back while it pays', async () => {
      const { escrow, token, address, payer, place } = await setUp();
      await escrow.startExit(ROS);
      await chain.provider.request({ method: 'evm_increaseTime', params: [HOUR] });
      const voucher = await signVoucher(payer, place, ROS);
      const into = [
        escrow.interface.encodeFunctionData('withdraw'),
        escrow.interface.encodeFunctionData('collect', [[voucher]]),
        escrow.interface.encodeFunctionData('tryCollect', [[voucher]]),
        escrow.interface.encodeFunctionData('deposit', [payer.address, 1n]),
        escrow.interface.encodeFunctionData('depositWithPermit', [
          1n,
          0n,
          0,
          chain.ethers.ZeroHash,
          chain.ethers.ZeroHash,
        ]),
      ];

      for (const call of into) {
        await token.callBack(address, call);
        const outer = [
          () => escrow.withdraw(),
          () => escrow.collect([voucher]),
          () => escrow.tryCollect([voucher]),
          () => escrow.deposit(payer.address, 1n),
        ];
        for (const begin of outer) {
          await expectError(begin(), 'DepositEscrow.ReentrancyGuardReentrantCall');
        }
      }
    });
  });
});
