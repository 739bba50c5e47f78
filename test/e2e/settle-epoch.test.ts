import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BalanceReport, MovedReport } from '@rios/sdk/schema/money-results';
import type { EpochView, RewardsView, StatisticsView } from '@rios/sdk/schema/settlement';
import type { AuditReport, FetchedReceipts } from '@rios/sdk/schema/settlement-results';
import { expect } from 'chai';
import { type Devnet, type DevWorker, startDevnet } from '../support/devnet.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { startWalletChain, type WalletChain, type WalletUser } from '../support/wallet-chain.ts';

const DAY = 86_400;
const PRICE_WEI = '1000000000000000';

describe('an epoch, by real processes: from answers to what a worker is paid', function () {
  this.timeout(180_000);
  let chain: WalletChain;
  let network: Devnet;
  let worker: DevWorker;
  let operator: WalletUser;
  let online: NodeJS.ProcessEnv;
  let folder: string;
  before(async () => {
    folder = await createTempFolder();
    chain = await startWalletChain();
    network = await startDevnet({ workers: 0, orchestrator: ['--chain-file', chain.chainFile] });
    online = { RIOS_API_URL: network.apiUrl, RIOS_API_TOKEN: network.token };
    worker = await network.addWorker('worker-1', ['--price', PRICE_WEI]);
    await network.pushTinyMoe();
    await network.place('tiny-moe', { shape: 'replica' });
    operator = await chain.user();
  });
  after(async () => {
    await network?.stop();
    await chain?.stop();
    await removeFolder(folder);
  });

  const ask = () =>
    network.client.createCompletion({
      body: { model: 'tiny-moe', prompt: 'In the beginning', max_tokens: 8 },
    });
  const close = () => operator.json<EpochView>(['epoch', 'close'], online);
  const register = () => operator.json(['worker', 'register', '--data-dir', worker.dataDir], online);
  const audit = (args: readonly string[], env: NodeJS.ProcessEnv) =>
    operator.json<AuditReport>(['audit', '--epoch', '1', '--rpc-url', chain.file.rpcUrl, ...args], env);

  it('error SETTLEMENT_NOTHING: without a wallet, a worker’s earnings wait', async () => {
    await ask();
    const refused = await until('settlement begins', async () => {
      const error = await operator.error(['epoch', 'close'], online);
      return error.code === 'SERVICE_UNAVAILABLE' ? undefined : error;
    });

    expect(refused.code).to.equal('SETTLEMENT_NOTHING');
    expect((await operator.json<{ epochs: EpochView[] }>(['epoch', 'list'], online)).epochs).to.deep.equal(
      [],
    );
  });

  it('default: answers are settled, audited equal by a stranger, and paid to the wei', async () => {
    await register();
    await ask();
    const closed = await close();
    expect(closed, JSON.stringify(closed)).to.include({ epoch: 1, state: 'published', error: null });
    expect(closed.facts).to.include({ receipts: 2, payees: 1 });

    const out = join(folder, 'epoch-1.receipts');
    const fetched = await operator.json<FetchedReceipts>(['epoch', 'receipts', '1', '--out', out], {
      RIOS_API_URL: network.apiUrl,
    });
    expect(fetched.sha256).to.equal(closed.facts?.sha256);
    expect(await readFile(out, 'utf8')).to.not.match(/acc_|In the beginning/);
    const stranger = { RIOS_HOME: join(folder, 'nowhere'), RIOS_API_URL: '', RIOS_API_TOKEN: '' };
    const report = await audit(['--file', out], stranger);
    expect({ equal: report.equal, findings: report.findings }).to.deep.equal({ equal: true, findings: [] });
    expect((await audit([], { RIOS_API_URL: network.apiUrl })).equal).to.equal(true);

    const early = await operator.error(['wallet', 'claim'], online);
    expect(early.details).to.include({ error: 'NotReady' });
    expect((await operator.error(['epoch', 'close'], online)).code).to.equal('SETTLEMENT_WAITS');
    await chain.advance(DAY + 60);
    const before = await operator.json<BalanceReport>(['wallet', 'balance']);
    const anyone = await chain.user();
    const claimed = await anyone.json<MovedReport>(['wallet', 'claim', operator.address], online);
    const after = await operator.json<BalanceReport>(['wallet', 'balance']);
    expect(claimed.amountWei).to.equal(closed.facts?.earnedWei);
    expect(BigInt(after.rosWei) - BigInt(before.rosWei)).to.equal(BigInt(claimed.amountWei));
    expect(await network.client.getSettlement({})).to.deep.include({ stop: null, problem: null });
  });

  it('behaviour: everybody may ask what was settled; nobody is named', async () => {
    const ask = async <T>(path: string): Promise<T> =>
      (await fetch(`${network.apiUrl}${path}`)).json() as Promise<T>;
    const rewards = await ask<RewardsView>(`/v1/rewards/${operator.address}`);
    const statistics = await ask<StatisticsView>('/v1/statistics');

    expect(rewards.claims.map(({ epoch }) => epoch)).to.deep.equal([1]);
    expect(statistics.settled).to.include({ epochs: 1, receipts: 2, payees: 1 });
    expect(statistics.requests.served).to.be.at.least(2);
    expect(await ask<object>('/v1/rewards/0x1')).to.have.nested.property(
      'error.code',
      'USER_INVALID_REQUEST',
    );
    const forged = await operator.error(['wallet', 'claim', `0x${'1'.repeat(40)}`], online);
    expect(forged.code).to.equal('NOT_FOUND_REWARDS');
  });

  it('behaviour: the second epoch pays what was earned since, and no more', async () => {
    await ask();
    const second = await close();
    expect(second).to.include({ epoch: 2, state: 'published' });
    await chain.advance(DAY + 60);
    const claimed = await operator.json<MovedReport>(['wallet', 'claim'], online);

    expect(claimed.amountWei).to.equal(second.facts?.earnedWei);
    const again = await operator.error(['wallet', 'claim'], online);
    expect(again.details).to.include({ error: 'NothingToClaim' });
  });
});
