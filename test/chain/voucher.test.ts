import { rosInterface } from '@rios/sdk/chain/interfaces';
import { signPermit } from '@rios/sdk/chain/permit';
import type { TransactionCall } from '@rios/sdk/chain/prepared-transaction';
import { prepareTransaction, sendTransaction, waitForTransaction } from '@rios/sdk/chain/transaction';
import {
  readVoucherState,
  signerOfVoucher,
  signVoucher,
  type Voucher,
  type VoucherDomain,
  verifyVoucher,
} from '@rios/sdk/chain/voucher';
import type { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { type BaseWallet, Wallet } from 'ethers';
import { failureOf } from '../support/failure-of.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';

const ROS = 10n ** 18n;
const FAR = 4_000_000_000;

describe('voucher', () => {
  let world: TestChain;
  let payer: BaseWallet;
  before(async () => {
    world = await startTestChain();
  });
  after(() => world.stop());
  beforeEach(async () => {
    payer = await world.createWallet({ ros: 10n * ROS });
    const permit = await signPermit(payer, world.contracts.token, escrow().address, 5n * ROS, FAR);
    await pass(payer, escrow().depositWithPermit(permit));
  });

  const escrow = () => world.contracts.escrow;
  const pass = async (signer: BaseWallet, call: TransactionCall) => {
    const prepared = await prepareTransaction(world.chain, signer.address, call);
    const sent = await sendTransaction(world.chain, signer, prepared, { onSigned: () => {} });
    return waitForTransaction(world.chain, sent.hash, { timeoutMs: 5_000, sender: sent });
  };
  const collect = (...vouchers: Voucher[]) => pass(world.signers.publisher, escrow().collect(vouchers));
  const now = async () => (await world.chain.provider.getBlock('latest'))?.timestamp ?? 0;
  const verify = async (voucher: Voucher, domain: VoucherDomain = escrow()) =>
    verifyVoucher(domain, voucher, await readVoucherState(escrow(), voucher, await now()));
  const sign = (cumulative: bigint, signer = payer, deadline = FAR, domain: VoucherDomain = escrow()) =>
    signVoucher(signer, domain, { payer: payer.address, cumulative, deadline });

  /** What is refused here, the contract refuses too. */
  async function bothRefuse(voucher: Voucher): Promise<readonly [RiosError, RiosError]> {
    const before = await escrow().account(payer.address);
    const here = await failureOf(verify(voucher));
    const there = await failureOf(collect(voucher));
    expect(await escrow().account(payer.address)).to.deep.equal(before);
    return [here, there];
  }

  it('default: signed by its payer, verified, collected', async () => {
    const voucher = await sign(2n * ROS);
    const verified = await verify(voucher);
    expect(verified).to.deep.equal({ voucher, signer: payer.address, amountWei: 2n * ROS });

    await collect(voucher);
    expect(await escrow().account(payer.address)).to.deep.equal({ balance: 3n * ROS, spent: 2n * ROS });
  });

  it('behaviour: a later voucher pays the difference alone', async () => {
    const [first, second] = [await sign(2n * ROS), await sign(3n * ROS)];
    await collect(first);

    expect((await verify(second)).amountWei).to.equal(ROS);
    await collect(second);
    expect((await escrow().account(payer.address)).spent).to.equal(3n * ROS);
  });

  it('behaviour: signed by a session key, within its cap and time', async () => {
    const key = new Wallet(Wallet.createRandom().privateKey);
    await pass(payer, escrow().authoriseSession(key.address, ROS, (await now()) + 3600));
    const voucher = await sign(ROS, key);

    expect((await verify(voucher)).signer).to.equal(key.address);
    await collect(voucher);
    expect((await escrow().account(payer.address)).spent).to.equal(ROS);
  });

  it('error INTEGRITY_VOUCHER: replayed', async () => {
    const voucher = await sign(ROS);
    await collect(voucher);
    const [here, there] = await bothRefuse(voucher);

    expect(here.code).to.equal('INTEGRITY_VOUCHER');
    expect(here.details).to.include({ reason: 'stale', spent: String(ROS) });
    expect(there.details).to.include({ error: 'VoucherStale' });
  });

  it('error INTEGRITY_VOUCHER: expired', async () => {
    const voucher = await sign(ROS, payer, (await now()) - 1);
    const [here, there] = await bothRefuse(voucher);

    expect(here.details).to.include({ reason: 'expired' });
    expect(there.details).to.include({ error: 'VoucherExpired' });
  });

  it('error INTEGRITY_VOUCHER: forged: another’s signature, or any field changed', async () => {
    const stranger = new Wallet(Wallet.createRandom().privateKey);
    const genuine = await sign(ROS);
    const forged = [
      await sign(ROS, stranger),
      { ...genuine, cumulative: 2n * ROS },
      { ...genuine, deadline: FAR + 1 },
      { ...genuine, payer: world.signers.judge.address },
    ];
    for (const [index, voucher] of forged.slice(0, 3).entries()) {
      const [here, there] = await bothRefuse(voucher);
      expect(here.details, String(index)).to.include({ reason: 'signature' });
      expect(there.details, String(index)).to.include({ error: 'BadVoucherSignature' });
    }
    // nobody's deposit can be spent by another's voucher: this one has none
    const error = await failureOf(verify(forged[3] ?? genuine));
    expect(error.code).to.equal('QUOTA_BALANCE');
  });

  it('error INTEGRITY_VOUCHER: a signature that is none, or the other of a pair', async () => {
    const genuine = await sign(ROS);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = order - BigInt(`0x${genuine.signature.slice(66, 130)}`);
    const v = genuine.signature.endsWith('1b') ? '1c' : '1b';
    const twin = `${genuine.signature.slice(0, 66)}${s.toString(16).padStart(64, '0')}${v}`;
    for (const signature of ['0x', '0x00', `0x${'00'.repeat(65)}`, `0x${'ff'.repeat(65)}`, twin]) {
      const voucher = { ...genuine, signature };
      const here = await failureOf(verify(voucher));
      expect(here.code, signature).to.equal('INTEGRITY_VOUCHER');
      const there = await failureOf(collect(voucher));
      expect(there.details, signature).to.include({ error: 'BadVoucherSignature' });
    }
  });

  it('error INTEGRITY_VOUCHER: foreign: for another chain, or another escrow', async () => {
    const { address, chainId } = escrow();
    const foreign = [
      await sign(ROS, payer, FAR, { address, chainId: 1 }),
      await sign(ROS, payer, FAR, { address: world.addresses.registry, chainId }),
    ];
    for (const [index, voucher] of foreign.entries()) {
      const [here, there] = await bothRefuse(voucher);
      expect(here.details, String(index)).to.include({ reason: 'signature' });
      expect(there.details, String(index)).to.include({ error: 'BadVoucherSignature' });
      expect(signerOfVoucher(escrow(), voucher), String(index)).not.to.equal(payer.address);
    }
  });

  it('error INTEGRITY_VOUCHER: a session key beyond its cap, after its end, and after it was revoked', async () => {
    const key = new Wallet(Wallet.createRandom().privateKey);
    await pass(payer, escrow().authoriseSession(key.address, ROS, (await now()) + 3600));
    const [beyond] = await bothRefuse(await sign(ROS + 1n, key));
    expect(beyond.details).to.include({ reason: 'session', limit: String(ROS) });

    const voucher = await sign(ROS, key);
    await world.advance(3601);
    const [late, there] = await bothRefuse(voucher);
    expect(late.details).to.include({ reason: 'session' });
    expect(there.details).to.include({ error: 'BadVoucherSignature' });

    const other = new Wallet(Wallet.createRandom().privateKey);
    await pass(payer, escrow().authoriseSession(other.address, ROS, (await now()) + 10 * 86_400));
    await pass(payer, escrow().revokeSession(other.address));
    const given = await sign(ROS, other);
    expect((await verify(given)).signer, 'what was given away stays good for the delay').to.equal(
      other.address,
    );
    await world.advance(86_401);
    const [revoked] = await bothRefuse(given);
    expect(revoked.details).to.include({ reason: 'session' });
  });

  it('error QUOTA_BALANCE: more than the deposit, and how much is missing', async () => {
    const [here, there] = await bothRefuse(await sign(7n * ROS));

    expect(here.code).to.equal('QUOTA_BALANCE');
    expect(here.details).to.include({ missing: '2 ROS' });
    expect(there.code).to.equal('QUOTA_BALANCE');
    expect(there.details).to.include({ missing: '2 ROS' });
  });

  it('behaviour: of a contract wallet (ERC-1271): only the chain can tell', async () => {
    for (const [answer, isGood] of [
      ['1626ba7e', true],
      ['ffffffff', false],
    ] as const) {
      // returns those four bytes to everybody: PUSH4 answer, PUSH1 224, SHL, MSTORE at 0, RETURN 32
      const runtime = `63${answer}60e01b60005260206000f3`;
      const made = await payer.sendTransaction({ data: `0x6f${runtime}60005260106010f3` });
      const contract = (await made.wait())?.contractAddress ?? '';
      const permit = await signPermit(payer, world.contracts.token, escrow().address, ROS, FAR);
      const { value, deadline, v, r, s } = permit;
      const data = rosInterface('token').encodeFunctionData('permit', [
        payer.address,
        escrow().address,
        value,
        deadline,
        v,
        r,
        s,
      ]);
      await pass(payer, { to: world.addresses.token, what: 'Permit', data });
      await pass(payer, escrow().deposit(contract, ROS));
      const voucher = { payer: contract, cumulative: ROS, deadline: FAR, signature: '0x1234' };

      expect((await failureOf(verify(voucher))).code, answer).to.equal('INTEGRITY_VOUCHER');
      if (isGood) {
        await escrow().wouldCollect([voucher]);
        await collect(voucher);
        expect(await escrow().account(contract)).to.deep.equal({ balance: 0n, spent: ROS });
      } else {
        const error = await failureOf(escrow().wouldCollect([voucher]));
        expect(error.details).to.include({ error: 'BadVoucherSignature' });
      }
    }
  });

  it('behaviour: asking whether it would be collected changes nothing', async () => {
    const voucher = await sign(ROS);
    await escrow().wouldCollect([voucher]);
    expect((await escrow().account(payer.address)).spent).to.equal(0n);

    await collect(voucher);
    expect((await failureOf(escrow().wouldCollect([voucher]))).details).to.include({ error: 'VoucherStale' });
  });

  it('behaviour: one bad voucher does not hold up the others', async () => {
    const stranger = new Wallet(Wallet.createRandom().privateKey);
    await pass(
      world.signers.publisher,
      escrow().tryCollect([await sign(ROS, stranger), await sign(2n * ROS)]),
    );

    expect((await escrow().account(payer.address)).spent).to.equal(2n * ROS);
  });
});
