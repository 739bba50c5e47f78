import { join } from 'node:path';
import { priceUsage } from '@rios/sdk/billing/price-usage';
import { hasCode } from '@rios/sdk/errors/error';
import type { Completion } from '@rios/sdk/schema/api';
import type { EarningsReport } from '@rios/sdk/schema/earnings';
import type { Receipt } from '@rios/sdk/schema/trust';
import { RECEIPT_LOG_DIRECTORY, readReceiptLog } from '@rios/sdk/settlement/receipt-log';
import { expect } from 'chai';
import { type Devnet, type DevWorker, startDevnet } from '../support/devnet.ts';
import { riosJson } from '../support/rios.ts';
import { servedBy } from '../support/served-by.ts';
import { type ReferenceCase, readReferenceCase } from '../support/tiny-moe.ts';
import { until } from '../support/until.ts';

/** A worker's ask unless it says otherwise: 0.001 ROS per 1,000,000 units. */
const ASK_WEI = 1_000_000_000_000_000n;

describe('a paid request that ends early: a worker killed with SIGKILL, a client gone', function () {
  this.timeout(180_000);
  let network: Devnet;
  let reference: ReferenceCase;

  before(async () => {
    reference = await readReferenceCase('genesis');
  });
  beforeEach(async () => {
    network = await startDevnet({ workers: 3 });
    await network.pushTinyMoe();
    await network.place('tiny-moe', { shape: 'island', spread: true });
  });
  afterEach(() => network?.stop());

  const body = () => ({ model: 'tiny-moe', prompt: reference.prompt, max_tokens: 480, temperature: 0 });
  const find = (id: string | undefined): DevWorker => {
    const worker = network.workers.find(({ peerId }) => peerId === id);
    if (worker === undefined) throw new Error(`no worker ${id}`);
    return worker;
  };
  const balance = async () => {
    const { balanceWei, heldWei } = await network.client.getBalance({});
    return { free: BigInt(balanceWei), held: BigInt(heldWei) };
  };
  const keptBy = async ({ dataDir }: DevWorker): Promise<Receipt[]> =>
    (await readReceiptLog(join(dataDir, RECEIPT_LOG_DIRECTORY))).map(({ receipt }) => receipt);

  /** The bill of the request: each worker is paid exactly for what it signed, the user pays just that. */
  const checkBill = async (requestId: string, before: Awaited<ReturnType<typeof balance>>) => {
    const bill = await until('a bill', async () => {
      const { bills } = await network.client.listBills({ query: { limit: 50 } });
      return bills.find((one) => one.requestId === requestId);
    });
    const after = await balance();
    const { lines } = await network.client.getInvoice({ query: { request: requestId } });
    const charges = lines.filter(({ kind }) => kind === 'charge');
    for (const { worker, units, amountWei, priceWei } of charges) {
      const signed = (await keptBy(find(worker))).filter((one) => one.requestId === requestId);
      const most = Math.max(...signed.map((one) => one.units));
      const exact = priceUsage({ resource: 'units', quantity: units, priceWei: ASK_WEI });
      expect(units, `${worker} is paid for no more than it signed`).to.be.within(1, most);
      expect([BigInt(priceWei), BigInt(amountWei)], worker).to.deep.equal([ASK_WEI, exact]);
    }
    const charged = charges.reduce((sum, { amountWei }) => sum + BigInt(amountWei), 0n);
    expect(bill.outcome).to.equal('partial');
    expect(before.free - after.free, 'what the user pays').to.equal(charged);
    expect(BigInt(bill.totalWei)).to.equal(charged);
    expect([before.held, after.held]).to.deep.equal([0n, 0n]);
    return charges;
  };
  /** Its own receipts beside the ledger, by `rios worker earnings`. */
  const checkEarnings = async (worker: DevWorker, requestId: string, paidUnits: number | undefined) => {
    const args = ['worker', 'earnings', '--data-dir', worker.dataDir];
    const report = await riosJson<EarningsReport>(args, { env: network.env });
    const row = report.requests.find((one) => one.requestId === requestId);
    expect(row?.paidUnits).to.equal(paidUnits);
    expect(row?.verdict).to.be.oneOf(['agreed', 'paid-less']);
    expect(row?.reason === null, row?.reason ?? 'agreed').to.equal(row?.verdict === 'agreed');
    expect(BigInt(report.unsettledWei), 'earned').to.equal(BigInt(report.workerWei));
  };

  for (const role of ['expert', 'first'] as const) {
    it(`behaviour: ${role}: each is paid for what it served, the user for nothing more, and the earnings agree`, async () => {
      const warm = await network.client.createCompletion({ body: { ...body(), max_tokens: 4 } });
      const victim = servedBy(network, warm, role);
      const before = await balance();

      const requestId = await killInTheMiddle(
        network.client.stream('createCompletion', { body: body() }),
        victim,
      );

      const charges = await checkBill(requestId, before);
      const own = charges.find(({ worker }) => worker === victim.peerId);
      expect(own?.units, 'what the killed worker is paid for').to.be.greaterThan(0);
      await checkEarnings(victim, requestId, own?.units);
    });
  }

  it('behaviour: a client that goes away pays for what was served until then', async () => {
    await network.client.createCompletion({ body: { ...body(), max_tokens: 4 } });
    const before = await balance();
    let requestId = '';
    let chunks = 0;

    for await (const chunk of network.client.stream('createCompletion', { body: body() })) {
      requestId = (chunk as { id?: string }).id ?? requestId;
      if (++chunks === 40) break;
    }

    const charges = await checkBill(requestId, before);
    expect(new Set(charges.map(({ worker }) => worker))).to.deep.equal(
      new Set(network.workers.map(({ peerId }) => peerId)),
    );
  });
});

/** Kills the worker once a while of the answer has come; returns the id of the request. */
async function killInTheMiddle(
  stream: AsyncIterable<Completion | { id?: string }>,
  victim: DevWorker,
): Promise<string> {
  let requestId = '';
  let chunks = 0;
  try {
    for await (const chunk of stream) {
      requestId = chunk.id ?? requestId;
      chunks++;
      if (chunks === 40) await victim.process.kill('SIGKILL');
    }
  } catch (error) {
    if (!hasCode(error)) throw error;
    return requestId;
  }
  throw new Error(`the stream ended well after ${chunks} chunks`);
}
