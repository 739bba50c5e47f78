import { rosInterface } from '@rios/sdk/chain/interfaces';
import { type PermitSignature, signPermit } from '@rios/sdk/chain/permit';
import type { TransactionCall } from '@rios/sdk/chain/prepared-transaction';
import { prepareTransaction, sendTransaction, waitForTransaction } from '@rios/sdk/chain/transaction';
import { expect } from 'chai';
import { type BaseWallet, id } from 'ethers';
import { failureOf } from '../support/failure-of.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';

const ROS = 10n ** 18n;
const FAR = 4_000_000_000;

describe('permit', () => {
  let world: TestChain;
  let owner: BaseWallet;
  before(async () => {
    world = await startTestChain();
  });
  after(() => world.stop());
  beforeEach(async () => {
    owner = await world.createWallet({ ros: 10n * ROS });
  });

  const token = () => world.contracts.token;
  const escrow = () => world.contracts.escrow;
  const pass = async (call: TransactionCall) => {
    const prepared = await prepareTransaction(world.chain, owner.address, call);
    const sent = await sendTransaction(world.chain, owner, prepared, { onSigned: () => {} });
    return waitForTransaction(world.chain, sent.hash, { timeoutMs: 5_000 });
  };
  /** The token's own word on a permit, without the escrow around it. */
  const permitCall = (
    { value, deadline, v, r, s }: PermitSignature,
    spender = escrow().address,
  ): TransactionCall => ({
    to: token().address,
    what: 'Permit',
    data: rosInterface('token').encodeFunctionData('permit', [
      owner.address,
      spender,
      value,
      deadline,
      v,
      r,
      s,
    ]),
  });

  it('default: deposits in one transaction, without an allowance', async () => {
    const permit = await signPermit(owner, token(), escrow().address, 3n * ROS, FAR);
    await pass(escrow().depositWithPermit(permit));

    expect((await escrow().account(owner.address)).balance).to.equal(3n * ROS);
    expect(await token().allowance(owner.address, escrow().address)).to.equal(0n);
    expect(await token().nonces(owner.address)).to.equal(1n);
  });

  it('default: stakes in one transaction', async () => {
    const { registry } = world.contracts;
    const peerHash = id('peer');
    await pass(registry.register(peerHash, owner.address));
    await pass(
      registry.stakeWithPermit(peerHash, await signPermit(owner, token(), registry.address, ROS, FAR)),
    );

    const worker = await registry.worker(registry.idOf(owner.address, peerHash));
    expect(worker).to.include({ payout: owner.address, stake: ROS, unbonding: 0n });
  });

  it('behaviour: someone else sent it first: the deposit goes through all the same', async () => {
    const permit = await signPermit(owner, token(), escrow().address, ROS, FAR);
    await pass(permitCall(permit));
    await pass(escrow().depositWithPermit(permit));

    expect((await escrow().account(owner.address)).balance).to.equal(ROS);
  });

  it('error CHAIN_REVERTED: for another spender', async () => {
    const permit = await signPermit(owner, token(), world.addresses.registry, ROS, FAR);

    expect((await failureOf(pass(permitCall(permit)))).details).to.include({ error: 'ERC2612InvalidSigner' });
    const deposit = await failureOf(pass(escrow().depositWithPermit(permit)));
    expect(deposit.code).to.equal('CHAIN_REVERTED');
    expect(deposit.details).to.include({ error: 'ERC20InsufficientAllowance' });
    expect(deposit.message).to.contain('the permit does not fit');
  });

  it('error CHAIN_REVERTED: for another chain', async () => {
    const permit = await signPermit(owner, { ...token(), chainId: 1 }, escrow().address, ROS, FAR);

    expect((await failureOf(pass(permitCall(permit)))).details).to.include({ error: 'ERC2612InvalidSigner' });
    expect((await failureOf(pass(escrow().depositWithPermit(permit)))).code).to.equal('CHAIN_REVERTED');
  });

  it('error CHAIN_REVERTED: for another token', async () => {
    const permit = await signPermit(
      owner,
      { ...token(), address: escrow().address },
      escrow().address,
      ROS,
      FAR,
    );

    expect((await failureOf(pass(permitCall(permit)))).details).to.include({ error: 'ERC2612InvalidSigner' });
  });

  it('error CHAIN_REVERTED: expired', async () => {
    const block = await world.chain.provider.getBlock('latest');
    const permit = await signPermit(owner, token(), escrow().address, ROS, (block?.timestamp ?? 0) - 1);

    const error = await failureOf(pass(permitCall(permit)));
    expect(error.details).to.include({ error: 'ERC2612ExpiredSignature' });
    expect(error.message).to.match(/^The permit was valid until \d{4}-/);
    expect((await failureOf(pass(escrow().depositWithPermit(permit)))).code).to.equal('CHAIN_REVERTED');
  });

  it('error CHAIN_REVERTED: used twice', async () => {
    const permit = await signPermit(owner, token(), escrow().address, ROS, FAR);
    await pass(escrow().depositWithPermit(permit));

    expect((await failureOf(pass(escrow().depositWithPermit(permit)))).details).to.include({
      error: 'ERC20InsufficientAllowance',
    });
    expect((await escrow().account(owner.address)).balance).to.equal(ROS);
  });

  it('error QUOTA_BALANCE: for more than there is', async () => {
    const permit = await signPermit(owner, token(), escrow().address, 11n * ROS, FAR);

    const error = await failureOf(pass(escrow().depositWithPermit(permit)));
    expect(error.code).to.equal('QUOTA_BALANCE');
    expect(error.details).to.include({ missing: '1 ROS' });
  });
});
