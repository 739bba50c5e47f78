import { expect } from 'chai';
import { nextTime, openTestChain, type TestChain, timeOf, wait } from './support/chain.ts';
import { deployEscrow, HOUR, ROS } from './support/deployed.ts';
import { expectError } from './support/errors.ts';
import { signVoucher } from './support/signatures.ts';

describe('sessions of DepositEscrow', () => {
  let chain: TestChain;
  before(async () => {
    chain = await openTestChain();
  });

  /** A payer with 10 ROS, and a key that is nobody's account. */
  const setUp = async () => {
    const all = await deployEscrow(chain);
    const { escrow, payer, place } = all;
    const key = chain.ethers.Wallet.createRandom();
    const asPayer = escrow.connect(payer);
    await asPayer.getFunction('deposit')(payer.address, 10n * ROS);
    const expiry = (await timeOf(chain)) + 10 * HOUR;
    const spend = (cumulative: bigint, signer: typeof key = key) =>
      signVoucher(signer, place, cumulative, { payer: payer.address });
    const authorise = (cap: bigint, until = expiry, one: string = key.address) =>
      asPayer.getFunction('authoriseSession')(one, cap, until);
    return { ...all, key, asPayer, expiry, spend, authorise };
  };

  it('default: a session key spends up to its cap', async () => {
    const { escrow, token, beneficiary, spend, authorise } = await setUp();
    await authorise(3n * ROS);

    await escrow.collect([await spend(ROS)]);
    await escrow.collect([await spend(3n * ROS)]);

    expect(await token.balanceOf(beneficiary)).to.equal(3n * ROS);
    await expectError(escrow.collect([await spend(3n * ROS + 1n)]), 'DepositEscrow.BadVoucherSignature');
  });

  it('behaviour: the cap counts from what was collected when the session began', async () => {
    const { escrow, payer, place, spend, authorise } = await setUp();
    await escrow.collect([await signVoucher(payer, place, 4n * ROS)]);
    await authorise(ROS);

    await expectError(escrow.collect([await spend(5n * ROS + 1n)]), 'DepositEscrow.BadVoucherSignature');
    await escrow.collect([await spend(5n * ROS)]);
  });

  it('behaviour: two keys share what the payer has spent: their caps do not add up', async () => {
    const { escrow, key, spend, authorise } = await setUp();
    const second = chain.ethers.Wallet.createRandom();
    await authorise(2n * ROS);
    await authorise(2n * ROS, undefined, second.address);

    await escrow.collect([await spend(2n * ROS, key)]);

    await expectError(escrow.collect([await spend(2n * ROS, second)]), 'DepositEscrow.VoucherStale');
    await expectError(escrow.collect([await spend(4n * ROS, second)]), 'DepositEscrow.BadVoucherSignature');
  });

  it('behaviour: it holds in its last second, and not in the next', async () => {
    const { escrow, spend, authorise, expiry } = await setUp();
    await authorise(3n * ROS);

    await nextTime(chain, expiry);
    await escrow.collect([await spend(ROS)]);
    await nextTime(chain, expiry + 1);
    await expectError(escrow.collect([await spend(2n * ROS)]), 'DepositEscrow.BadVoucherSignature');
  });

  it('behaviour: a key of one payer spends nothing of another', async () => {
    const { escrow, other, key, place, authorise } = await setUp();
    await escrow.connect(other).getFunction('deposit')(other.address, ROS);
    await authorise(3n * ROS);

    const foreign = await signVoucher(key, place, ROS, { payer: other.address });

    await expectError(escrow.collect([foreign]), 'DepositEscrow.BadVoucherSignature', [other.address]);
  });

  it('behaviour: what is revoked still pays what was given away for the time of an exit, then no more', async () => {
    const { escrow, asPayer, key, spend, authorise } = await setUp();
    await authorise(3n * ROS);
    const given = await spend(ROS);

    await asPayer.getFunction('revokeSession')(key.address);
    const revokedAt = await timeOf(chain);
    await nextTime(chain, revokedAt + HOUR);
    await escrow.collect([given]);
    await nextTime(chain, revokedAt + HOUR + 1);
    await expectError(escrow.collect([await spend(2n * ROS)]), 'DepositEscrow.BadVoucherSignature');
  });

  it('behaviour: to revoke again, or near its end, never lengthens a session', async () => {
    const { escrow, asPayer, payer, key, authorise } = await setUp();
    const expiryOf = async () => (await escrow.sessions(payer.address, key.address)).expiry;
    const soon = (await timeOf(chain)) + 600;
    await authorise(ROS, soon);

    await asPayer.getFunction('revokeSession')(key.address);
    expect(await expiryOf()).to.equal(BigInt(soon));
    await authorise(ROS, soon + 10 * HOUR);
    await asPayer.getFunction('revokeSession')(key.address);
    const first = await expiryOf();
    await wait(chain, 60);
    await asPayer.getFunction('revokeSession')(key.address);
    expect(await expiryOf()).to.equal(first);
  });

  it('error SessionReduced: a live session gets neither a lower limit nor an earlier end', async () => {
    const { authorise, expiry, key } = await setUp();
    await authorise(3n * ROS);

    await expectError(authorise(3n * ROS - 1n), 'DepositEscrow.SessionReduced', [key.address]);
    await expectError(authorise(3n * ROS, expiry - 1), 'DepositEscrow.SessionReduced', [key.address]);
    await authorise(3n * ROS);
    await authorise(4n * ROS, expiry + 1);
  });

  it('behaviour: after its end a key may get any limit', async () => {
    const { authorise, escrow, spend, expiry } = await setUp();
    await authorise(3n * ROS);
    await nextTime(chain, expiry + 1);
    await authorise(ROS, expiry + HOUR);

    await expectError(escrow.collect([await spend(2n * ROS)]), 'DepositEscrow.BadVoucherSignature');
    await escrow.collect([await spend(ROS)]);
  });

  it('error InvalidSession: the zero key, or an end that is not ahead', async () => {
    const { asPayer, authorise, expiry } = await setUp();
    const now = (await timeOf(chain)) + 10;
    const zero = chain.ethers.ZeroAddress;

    await expectError(
      asPayer.getFunction('authoriseSession')(zero, ROS, expiry),
      'DepositEscrow.InvalidSession',
    );
    await nextTime(chain, now);
    await expectError(authorise(ROS, now), 'DepositEscrow.InvalidSession');
  });

  it('error NoSession: to revoke what never was, or has ended', async () => {
    const { asPayer, authorise, key, expiry } = await setUp();
    const revoke = () => asPayer.getFunction('revokeSession')(key.address);

    await expectError(revoke(), 'DepositEscrow.NoSession', [key.address]);
    await authorise(ROS);
    await nextTime(chain, expiry + 1);
    await expectError(revoke(), 'DepositEscrow.NoSession', [key.address]);
  });
});
