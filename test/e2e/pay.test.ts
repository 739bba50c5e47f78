import { DEFAULT_PRICE_TABLE } from '@rios/sdk/billing/price-table';
import type { FundsView, LinkedWallet, PaidReport } from '@rios/sdk/schema/funds';
import type { DepositReport } from '@rios/sdk/schema/money-results';
import { expect } from 'chai';
import { type Devnet, startDevnet } from '../support/devnet.ts';
import { until } from '../support/until.ts';
import { startWalletChain, type WalletChain, type WalletUser } from '../support/wallet-chain.ts';

const ROS = 10n ** 18n;
/** For 1,000,000 units: an answer costs some tenths of a ROS. */
const DEAR_WEI = String(1_000n * ROS);
const RUN = ['run', 'tiny-moe', 'And God said, Let there be', '--max-tokens', '40'];

describe('paying for runs, by real processes', function () {
  this.timeout(120_000);
  let chain: WalletChain;
  let network: Devnet;
  let user: WalletUser;
  let online: NodeJS.ProcessEnv;
  before(async () => {
    chain = await startWalletChain();
    const options = ['--chain-file', chain.chainFile, '--collect-after', '1'];
    network = await startDevnet({ workers: 0, orchestrator: options });
    const { prices } = DEFAULT_PRICE_TABLE;
    const units = { usualWei: DEAR_WEI, mostWei: DEAR_WEI };
    const table = { ...DEFAULT_PRICE_TABLE, version: 2, trialWei: '0', prices: { ...prices, units } };
    await network.client.setPrices({ body: table });
    await network.addWorker('worker-1', ['--price', DEAR_WEI]);
    await network.pushTinyMoe();
    await network.place('tiny-moe', { shape: 'replica' });
    user = await chain.user();
    online = { RIOS_API_URL: network.apiUrl, RIOS_API_TOKEN: network.token };
  });
  after(async () => {
    await network?.stop();
    await chain?.stop();
  });

  const funds = () => network.client.getFunds({});
  const settled = () => network.client.getSettlement({});

  it('default: a deposit is the account’s at once, and is spent, signed for and collected', async () => {
    const deposit = await user.json<DepositReport>(['wallet', 'deposit', '20'], online);
    await until('the deposit', async () => (BigInt((await funds()).depositedWei) > 0n ? true : undefined));
    await spendAll();
    const refused = await user.error(RUN, online);
    const due = await funds();
    const paid = await user.json<PaidReport>(['billing', 'pay'], online);
    const again = await user.json<PaidReport>(['billing', 'pay'], online);
    await user.json(RUN, online);
    await until('the voucher collected', async () => {
      const { escrowWei, spentWei } = await user.json<{ escrowWei: string; spentWei: string }>([
        'wallet',
        'balance',
      ]);
      return spentWei === paid.paidWei && BigInt(escrowWei) + BigInt(spentWei) === 20n * ROS
        ? true
        : undefined;
    });

    expect(deposit.linkedTo).to.equal(due.accountId);
    expect(refused.code).to.equal('BILLING_VOUCHER_DUE');
    expect(refused.hint).to.contain('rios billing pay');
    expect(BigInt(due.dueWei) > ROS).to.equal(true);
    expect(paid).to.include({ paidWei: due.dueWei, dueWei: '0', payer: user.address });
    expect(again).to.include({ paidWei: '0', voucher: null });
    expect(await settled()).to.deep.include({ stop: null, problem: null });
  });

  it('behaviour: a session key signs without the wallet’s password', async () => {
    await user.json(['wallet', 'session', 'create', '--cap', '10', '--ttl', '30d'], online);
    await user.json(RUN, online);
    const { dueWei } = await funds();
    const noPassword = { ...online, RIOS_WALLET_PASSWORD_FILE: '/nowhere' };
    const paid = await user.json<PaidReport>(['billing', 'pay', '--session'], noPassword);

    expect(paid.paidWei).to.equal(dueWei);
    expect((await funds()).dueWei).to.equal('0');
  });

  it('behaviour: signed in nowhere, a deposit is nobody’s until its wallet is linked', async () => {
    const other = await chain.user();
    const deposit = await other.json<DepositReport>(['wallet', 'deposit', '3']);
    const refused = await other.error(['billing', 'pay'], online);
    const before = await until('counted', async () => {
      const view = await settled();
      return (view.chain?.countedTo ?? -1) >= deposit.transaction.blockNumber ? funds() : undefined;
    });
    const linked = await other.json<LinkedWallet>(['wallet', 'link'], online);
    const again = await other.json<LinkedWallet>(['wallet', 'link'], online);
    const after: FundsView = await funds();

    expect(deposit.linkedTo).to.equal(null);
    expect(refused.code).to.equal('NOT_FOUND');
    expect(linked)
      .to.deep.equal(again)
      .and.to.include({ address: other.address, accountId: after.accountId });
    expect(BigInt(after.depositedWei) - BigInt(before.depositedWei)).to.equal(3n * ROS);
    expect(BigInt(after.balanceWei) - BigInt(before.balanceWei)).to.equal(3n * ROS);
  });

  it('error AUTH_REQUIRED: a link needs an account', async () => {
    const nobody = { RIOS_API_URL: network.apiUrl };
    expect((await user.error(['wallet', 'link'], nobody)).code).to.equal('AUTH_REQUIRED');
  });

  /** Asks until more than the credit and what needs no voucher is spent. */
  async function spendAll(): Promise<void> {
    const body = { model: 'tiny-moe', prompt: 'In the beginning', max_tokens: 150 };
    for (let count = 0; BigInt((await funds()).dueWei) <= ROS; count++) {
      if (count === 60) throw new Error(`${count} answers, and nothing is due`);
      await network.client.createCompletion({ body });
    }
  }
});
