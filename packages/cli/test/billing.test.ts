import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_PRICE_TABLE } from '@rios/sdk/billing/price-table';
import { issueQuote } from '@rios/sdk/billing/quote';
import { createNetworkKey, issueCertificate } from '@rios/sdk/crypto/network';
import { expect } from 'chai';
import { type Answers, type ApiServer, sendJson, startApiServer } from './support/api-server.ts';
import {
  aBalance,
  aBill,
  aLine,
  aPage,
  aRefusedLine,
  aShownReceipt,
  REQUEST,
  worker,
} from './support/billing-views.ts';
import { jsonOf, runCli, temporaryDirectory } from './support/run-cli.ts';

const window = { limitWei: '50', spentWei: '10', endsAt: 9 };
const budget = { scope: 'account', requestLimitWei: null, day: window, month: window, reservedWei: '5' };
const alert = { id: 1, at: 2, kind: 'billing.low', subject: 'acc_1', message: 'the balance is 2 ROS' };
const lines = [aLine(), aRefusedLine('it counts too much')];
const shown = { requestId: REQUEST, bill: aBill(), lines, receipts: [aShownReceipt()] };

describe('billing commands', function () {
  this.timeout(30_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: ApiServer;
  beforeEach(async () => {
    place = await temporaryDirectory();
  });
  afterEach(async () => {
    await server?.close();
    await place.remove();
  });

  const run = async (answers: Answers, ...args: string[]) => {
    server = await startApiServer(answers);
    return runCli(args, { env: { ...server.env, RIOS_HOME: place.path } });
  };
  const lastBody = (): unknown => JSON.parse(String(server.calls.at(-1)?.body));

  it('default: usage shows rows, their sum, and what is left', async () => {
    const rows = [{ key: 'tiny-moe', requests: 2, units: 500, amountWei: '1000' }];
    const total = { requests: 2, units: 500, amountWei: '1000' };
    const report = { from: 1, to: 2, by: 'model', rows, total, balance: aBalance() };
    const answers: Answers = { getUsage: (_, response) => sendJson(response, report) };
    const { code, stdout } = await run(answers, 'billing', 'usage', '--month', '2026-11', '--by', 'model');

    expect(code).to.equal(0);
    expect(stdout).to.match(/tiny-moe +2 +500 +0\.000000000000001 ROS/);
    expect(stdout).to.match(/standing +grace, 1m0s left/);
    const query = server.calls[0]?.query;
    expect([query?.get('by'), query?.get('from')]).to.deep.equal(['model', String(Date.UTC(2026, 10, 1))]);
    const json = await runCli(['billing', 'usage', '--json'], {
      env: { ...server.env, RIOS_HOME: place.path },
    });
    expect(jsonOf<object>(json)).to.deep.equal(report);
  });

  it('default: an invoice is read to its last page and added up', async () => {
    const second = aPage({
      bills: [aBill({ requestId: 'req_second0000' })],
      lines: [aLine({ requestId: 'req_second0000' })],
    });
    const answers: Answers = {
      getInvoice: ({ query }, response) =>
        sendJson(response, query.get('after') === '7:req_x' ? second : aPage({ next: '7:req_x' })),
    };
    const result = await run(answers, 'billing', 'invoice', '--format', 'json');

    expect(result.code, result.stderr).to.equal(0);
    expect(jsonOf<object>(result)).to.include({ totalWei: '2000', workersWei: '1800' });
    const csv = await runCli(['billing', 'invoice', '--format', 'csv'], {
      env: { ...server.env, RIOS_HOME: place.path },
    });
    expect(csv.stdout.trim().split('\r\n')).to.have.lengthOf(4);
  });

  it('error INTEGRITY_BILL: a bill that its lines do not add up to is not printed', async () => {
    const answers: Answers = {
      getInvoice: (_, response) => sendJson(response, aPage({ bills: [aBill({ totalWei: '1001' })] })),
    };
    const { code, stdout, stderr } = await run(answers, 'billing', 'invoice');

    expect([code, stdout]).to.deep.equal([10, '']);
    expect(stderr).to.contain('not the sum of its lines');
  });

  it('default: history, alerts and budgets', async () => {
    const answers: Answers = {
      listBills: (_, response) => sendJson(response, { bills: [aBill()], next: '7:req_x' }),
      listAlerts: (_, response) => sendJson(response, { alerts: [alert] }),
      listBudgets: (_, response) => sendJson(response, { budgets: [budget] }),
    };
    const history = await run(answers, 'billing', 'history');
    const env = { ...server.env, RIOS_HOME: place.path };

    expect(history.stdout).to.match(/partial .*PEER_LOST\nolder ones: rios billing history --before 7:req_x/);
    expect((await runCli(['billing', 'alerts'], { env })).stdout).to.match(/low +the balance is 2 ROS/);
    expect((await runCli(['billing', 'budget', 'show'], { env })).stdout).to.match(/account +request +none/);
    for (const words of [['history'], ['alerts'], ['budget', 'show']]) {
      expect((await runCli(['billing', ...words, '--json'], { env })).code, words.join(' ')).to.equal(0);
    }
  });

  it('default: budget set sends wei, and null for none', async () => {
    const answers: Answers = { setBudget: (_, response) => sendJson(response, budget) };
    const args = ['billing', 'budget', 'set', '--day', '1.5', '--month', 'none', '--json'];
    const { code } = await run(answers, ...args);

    expect(code).to.equal(0);
    expect(lastBody()).to.deep.equal({ day: '1500000000000000000', month: null });
  });

  it('error USER_INVALID_REQUEST: budget set without a limit, or with a bad one', async () => {
    expect((await run({}, 'billing', 'budget', 'set')).code).to.equal(2);
    const env = { ...server.env, RIOS_HOME: place.path };
    expect((await runCli(['billing', 'budget', 'set', '--day=-1'], { env })).code).to.equal(2);
    expect(server.calls).to.deep.equal([]);
  });

  it('default: prices are shown and set, and credit is given', async () => {
    const next = { ...DEFAULT_PRICE_TABLE, version: 2 };
    const answers: Answers = {
      getPrices: (_, response) => sendJson(response, DEFAULT_PRICE_TABLE),
      setPrices: (_, response) => sendJson(response, next),
      giveCredit: (_, response) =>
        sendJson(response, { accountId: 'acc_1', amountWei: '5', balanceWei: '15' }),
    };
    const file = join(place.path, 'prices.json');
    expect((await run(answers, 'billing', 'prices')).stdout).to.match(/trial credit +10 ROS/);
    const env = { ...server.env, RIOS_HOME: place.path };
    await writeFile(file, JSON.stringify(next));
    const set = await runCli(['billing', 'prices', '--set', file, '--json'], { env });
    expect(jsonOf<object>(set)).to.include({ version: 2 });
    await writeFile(file, JSON.stringify({ ...next, platformBps: 9_999 }));
    const refused = await runCli(['billing', 'prices', '--set', file], { env });
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.contain('platformBps');

    await runCli(['billing', 'credit', 'ada@example.org', '25', '--json'], { env });
    expect(lastBody()).to.deep.equal({ email: 'ada@example.org', amountWei: '25000000000000000000' });
    await runCli(['billing', 'credit', 'acc_1', '5 wei'], { env });
    expect(lastBody()).to.deep.equal({ accountId: 'acc_1', amountWei: '5' });
  });

  it('default: quote tells the length of a prompt and not the prompt; run refuses what is no quote', async () => {
    const network = createNetworkKey(new Uint8Array(32).fill(3));
    const now = Date.now();
    const bundle = issueQuote(worker, issueCertificate(network, worker.peerId, now, 7_200_000), {
      quoteId: 'qt_0123456789',
      networkId: network.networkId,
      accountId: 'acc_0123456789',
      model: 'tiny',
      modelHash: 'a'.repeat(64),
      tableVersion: 1,
      lines: [{ worker: worker.peerId, maxUnits: 10, priceWei: '1000000' }],
      issuedAt: now,
      expiresAt: now + 60_000,
    });
    const quote = JSON.parse(Buffer.from(bundle.quote.payload, 'base64url').toString()) as object;
    const answers: Answers = { createQuote: (_, response) => sendJson(response, { quote, bundle }) };
    const quoted = await run(answers, 'quote', 'tiny', 'a secret prompt', '--max-tokens', '9', '--json');
    expect(quoted.code, quoted.stderr).to.equal(0);
    expect(lastBody()).to.deep.equal({
      model: 'tiny',
      prompt: { kind: 'text', chars: 15 },
      maxTokens: 9,
      ttlMs: 600_000,
    });
    const env = { ...server.env, RIOS_HOME: place.path };
    const file = join(place.path, 'quote.json');
    await writeFile(file, 'no quote');
    const bad = await runCli(['run', 'tiny', 'hello', '--quote', file], { env });
    expect(bad.code).to.equal(2);
    expect((await runCli(['quote', 'tiny', 'x', '--chat'], { env })).code).to.equal(2);
    await runCli(['quote', 'tiny', '--ids', '[1,2,3]'], { env });
    expect(lastBody()).to.deep.include({ prompt: { kind: 'ids', tokens: 3 } });
  });

  describe('receipt show', () => {
    const show = (answer: object) =>
      run({ getReceipts: (_, response) => sendJson(response, answer) }, 'receipt', 'show', REQUEST, '--json');

    it('default: a bill that follows from what was signed is right', async () => {
      const result = await show(shown);
      expect(result.code, result.stderr).to.equal(0);
      expect(jsonOf<{ ok: boolean }>(result).ok).to.equal(true);
    });

    it('behaviour: exits with 10 whatever the orchestrator lies about', async () => {
      const lies: Record<string, object> = {
        units: { ...shown, lines: [aLine({ units: 501 }), lines[1]] },
        total: { ...shown, bill: aBill({ totalWei: '1001' }) },
        absent: { ...shown, receipts: [] },
        forged: {
          ...shown,
          receipts: [{ ...aShownReceipt(), signed: { ...aShownReceipt().signed, signature: 'AAAA' } }],
        },
        other: { ...shown, receipts: [aShownReceipt({ requestId: 'req_another0000' })] },
      };
      for (const [name, answer] of Object.entries(lies)) {
        const result = await show(answer);
        expect(result.code, name).to.equal(10);
        expect(jsonOf<{ ok: boolean }>(result).ok, name).to.equal(false);
        await server.close();
      }
    });
  });
});
