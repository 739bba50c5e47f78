import { appendFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { signReceipt } from '@rios/sdk/crypto/receipt';
import { silentLog } from '@rios/sdk/log';
import { RECEIPT_LOG_FILES, readReceiptLog } from '@rios/sdk/settlement/receipt-log';
import { expect } from 'chai';
import { openReceiptLog } from '../src/receipt-log.ts';
import { createFakeClock } from './support/fake-clock.ts';
import { tempFolder } from './support/temp-folder.ts';

const worker = createIdentity();
const modules = { clock: createFakeClock(), log: silentLog };

/** What the worker signs for the ticket of that number. */
const receipt = (ticket: number, units: number) =>
  signReceipt(worker, {
    networkId: `net_${'1'.repeat(32)}`,
    requestId: `req_${String(ticket).padStart(10, '0')}`,
    worker: worker.peerId,
    ticketNonce: ticket.toString(16).padStart(32, '0'),
    modelHash: 'a'.repeat(64),
    parts: [],
    units,
    calls: 1,
    chunks: [],
    runningHash: 'b'.repeat(64),
    inputCommitment: 'c'.repeat(64),
    outputCommitment: 'd'.repeat(64),
    numericClass: 'test',
    price: '1',
    startedAt: 1,
    finishedAt: 2,
    busyMs: 1,
  });

const unitsIn = async (directory: string) =>
  (await readReceiptLog(directory)).map(({ receipt: { units } }) => units);

describe('receipt log', () => {
  it('default: keeps the newest receipt of each ticket, as it was signed', async () => {
    const directory = tempFolder();
    const log = await openReceiptLog(directory, modules);

    await log.keep(receipt(1, 10));
    await Promise.all([log.keep(receipt(2, 5)), log.keep(receipt(1, 30))]);
    await log.stop();

    const kept = await readReceiptLog(directory);
    expect(kept.map(({ signed }) => signed)).to.deep.equal([receipt(1, 30), receipt(2, 5)]);
    expect(kept.map(({ at }) => at)).to.deep.equal([modules.clock.now(), modules.clock.now()]);
  });

  it('behaviour: what is kept can be read before the log is closed', async () => {
    const directory = tempFolder();
    const log = await openReceiptLog(directory, modules);

    await log.keep(receipt(1, 10));

    expect(await unitsIn(directory)).to.deep.equal([10]);
    await log.stop();
  });

  it('behaviour: a line that a crash has torn costs no other one', async () => {
    const directory = tempFolder();
    const before = await openReceiptLog(directory, modules);
    await before.keep(receipt(1, 10));
    await before.stop();
    await appendFile(join(directory, RECEIPT_LOG_FILES.newest), '{"at":1,"payl');

    const after = await openReceiptLog(directory, modules);
    await after.keep(receipt(2, 20));
    await after.stop();

    expect(await unitsIn(directory)).to.deep.equal([10, 20]);
  });

  it('behaviour: it is bounded, the oldest receipts go first, and interim ones before any final one', async () => {
    const directory = tempFolder();
    const limits = { newestBytes: 4_096, olderBytes: 16_384 };
    const log = await openReceiptLog(directory, modules, limits);

    for (let ticket = 1; ticket <= 200; ticket++) {
      for (const units of [1, 2, 3]) await log.keep(receipt(ticket, ticket * units));
    }
    await log.stop();

    const sizes = await Promise.all(
      (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size),
    );
    const units = await unitsIn(directory);
    const kept = units.map((_, i) => (200 - units.length + 1 + i) * 3);
    expect(sizes.length).to.equal(3);
    expect(Math.max(...sizes)).to.be.at.most(limits.olderBytes + limits.newestBytes + 2_048);
    expect(units.length, 'receipts').to.be.greaterThan(16_384 / 1_500);
    expect(units).to.deep.equal(kept);
  });

  it('behaviour: a directory that does not take a line any more stops no work', async () => {
    const directory = tempFolder();
    const log = await openReceiptLog(directory, modules);
    await log.stop();

    await log.keep(receipt(1, 10));

    expect(await unitsIn(directory)).to.deep.equal([]);
  });
});
