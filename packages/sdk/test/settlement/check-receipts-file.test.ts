import { createHash } from 'node:crypto';
import { peerIdOf } from '@rios/sdk/crypto/peer-id';
import { signReceipt } from '@rios/sdk/crypto/receipt';
import { RiosError } from '@rios/sdk/errors/error';
import { formatCanonical } from '@rios/sdk/settlement/canonical-json';
import { type CheckOptions, checkReceiptsFile } from '@rios/sdk/settlement/check-receipts-file';
import { MAX_LINE_BYTES } from '@rios/sdk/settlement/receipts-format';
import { expect } from 'chai';
import fc from 'fast-check';
import { aRange, aReceipt, fileOf, rangeAfter, workerOf } from './support/range.ts';

async function* inChunks(text: string, sizeBytes = 1_000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

const check = (text: string, options: CheckOptions = {}) => checkReceiptsFile(inChunks(text), options);
const linesOf = (text: string) => text.trimEnd().split('\n');
const textOf = (lines: readonly string[]) => `${lines.join('\n')}\n`;

/** Changes fields of the line with this number from 1, and nothing else. */
function change(text: string, line: number, fields: Record<string, unknown>): string {
  const changed = (one: string) => formatCanonical({ ...JSON.parse(one), ...fields });
  return textOf(linesOf(text).map((one, index) => (index === line - 1 ? changed(one) : one)));
}

describe('receipts file', () => {
  const { text, written, epoch } = fileOf(rangeAfter(fileOf(aRange()).epoch));
  const [first, receipt, last] = [2, 2 + epoch.payees.length, linesOf(text).length];
  const kindsIn = async (changed: string, options?: CheckOptions) => {
    const { findings } = await check(changed, options);
    return [...new Set(findings.map(({ kind }) => kind))];
  };

  it('default: what is written is right, and comes to what was built', async () => {
    const verdict = await check(text);

    expect(verdict.findings).to.deep.equal([]);
    expect(verdict.sha256).to.equal(createHash('sha256').update(text).digest('hex'));
    expect(verdict).to.include({ sha256: written.sha256, sizeBytes: written.sizeBytes });
    expect(verdict.computed).to.include({
      root: epoch.tree.root,
      receiptsRoot: written.receiptsRoot,
      ...epoch.sums,
    });
    expect(verdict.computed?.rootBefore).to.equal(fileOf(aRange()).epoch.tree.root);
  });

  it('behaviour: it holds no account id, and pseudonyms differ from epoch to epoch', () => {
    const payers = epoch.receipts.map(({ payer }) => payer);

    expect(text).to.not.contain('acc_');
    expect(payers.every((payer) => /^[0-9a-f]{32}$/.test(payer))).to.equal(true);
  });

  it('behaviour: chunks of any size come to the same', async () => {
    for (const sizeBytes of [1, 7, 64, 100_000]) {
      const { findingsCount, sha256 } = await checkReceiptsFile(inChunks(text, sizeBytes));
      expect([findingsCount, sha256], String(sizeBytes)).to.deep.equal([0, written.sha256]);
    }
  });

  it('behaviour: cut anywhere, it is not whole', async () => {
    for (let size = 0; size < text.length; size += 311) {
      const { findings, computed } = await check(text.slice(0, size));
      expect(
        findings.map(({ kind }) => kind),
        `${size} characters`,
      ).to.deep.equal(['form']);
      expect(computed, `${size} characters`).to.equal(undefined);
    }
    expect(await kindsIn(text.slice(0, -1))).to.deep.equal(['form']);
    expect(await kindsIn(textOf(linesOf(text).slice(0, -1)))).to.deep.equal(['form']);
  });

  it('behaviour: any other byte anywhere is found', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('0', 'a', 'Z', '"', ' '),
        async (at, other) => {
          fc.pre(text[at] !== other);
          const { findingsCount } = await check(text.slice(0, at) + other + text.slice(at + 1));
          expect(findingsCount, `${other} at ${at}`).to.be.above(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('behaviour: lines that changed places', async () => {
    const lines = linesOf(text);
    for (const at of [first - 1, receipt - 1]) {
      const [a = '', b = ''] = lines.slice(at, at + 2);
      expect(await kindsIn(textOf(lines.with(at, b).with(at + 1, a))), `line ${at + 1}`).to.include('order');
    }
    expect(await kindsIn(textOf(lines.toReversed()))).to.deep.equal(['form']);
  });

  it('behaviour: a receipt that stands twice', async () => {
    const lines = linesOf(text);
    const doubled = textOf(lines.toSpliced(receipt, 0, lines[receipt - 1] ?? ''));
    const counted = change(doubled, 1, { receipts: epoch.receipts.length + 1 });

    expect(await kindsIn(doubled)).to.include('form');
    expect(await kindsIn(counted)).to.include.members(['doubled', 'sum', 'receipts-root']);
    const { findings } = await check(counted);
    expect(findings.find(({ kind }) => kind === 'doubled')?.line).to.equal(receipt + 1);
  });

  it('behaviour: sums that are wrong: of a payee, of all, of what was before', async () => {
    const { findings } = await check(change(text, first, { earnedWei: '1' }));

    expect(findings.map(({ kind }) => kind)).to.include('sum');
    expect(findings[0]).to.include({ line: first });
    expect(await kindsIn(change(text, first, { beforeWei: '1' }))).to.include.members([
      'sum',
      'receipts-root',
    ]);
    for (const name of ['paidWei', 'earnedWei', 'platformWei', 'carriedWei', 'totalWei']) {
      expect(await kindsIn(change(text, last, { [name]: '5' })), name).to.deep.equal(['sum']);
    }
    expect(await kindsIn(change(text, last, { root: `0x${'1'.repeat(64)}` }))).to.deep.equal(['root']);
    const other = change(text, last, { receiptsRoot: `0x${'1'.repeat(64)}` });
    expect(await kindsIn(other)).to.deep.equal(['receipts-root']);
  });

  it('behaviour: a receipt that its worker has not signed', async () => {
    const [line] = epoch.receipts;
    const other = workerOf(99);
    const forged = signReceipt(other, aReceipt(workerOf(0), 'forged', { ticketNonce: line?.ticket ?? '' }));
    const flipped = `${line?.signature.startsWith('A') ? 'B' : 'A'}${line?.signature.slice(1)}`;

    for (const fields of [
      { ...forged },
      { signature: flipped },
      { worker: other.peerId },
      { signature: '' },
      { worker: `12D3Koo${'1'.repeat(45)}` },
      { worker: peerIdOf(new Uint8Array(32).fill(255)) },
    ]) {
      const { findings } = await check(change(text, receipt, fields));
      const found = findings.find(({ kind }) => kind === 'signature');
      expect(found?.line, JSON.stringify(fields)).to.equal(receipt);
    }
  });

  it('behaviour: a good receipt for another ticket, or of another network', async () => {
    const [line] = epoch.receipts;
    const worker = workerOf(0);
    const sign = (over: Parameters<typeof aReceipt>[2]) => ({
      worker: worker.peerId,
      ...signReceipt(worker, aReceipt(worker, 'else', { ticketNonce: line?.ticket ?? '', ...over })),
    });

    const foreign = sign({ networkId: `net_${'8'.repeat(32)}` });
    expect(await kindsIn(change(text, receipt, sign({ ticketNonce: '0'.repeat(32) })))).to.include(
      'signature',
    );
    expect(await kindsIn(change(text, receipt, foreign))).to.include('signature');
  });

  it('behaviour: more units than the receipt counts, a charge above the price, an account of nobody', async () => {
    expect(await kindsIn(change(text, receipt, { units: 10_000_000 }))).to.include('charge');
    expect(await kindsIn(change(text, receipt, { amountWei: '9'.repeat(20) }))).to.include('charge');
    expect(await kindsIn(change(text, receipt, { workerWei: '0' }))).to.include('charge');
    const stranger = { account: `0x${'0'.repeat(40)}` };
    expect(await kindsIn(change(text, receipt, stranger))).to.include('sum');
  });

  it('behaviour: the same content in another form is no receipts file', async () => {
    const lines = linesOf(text);
    const header = lines[0] ?? '';
    const spaced = textOf(lines.with(0, header.replace('"epoch":', '"epoch": ')));
    const turned = textOf(
      lines.with(0, JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(header)).reverse()))),
    );

    for (const other of [
      spaced,
      turned,
      `\n${text}`,
      `${text}\n`,
      text.replaceAll('\n', '\r\n'),
      'text\n',
      '{}\n',
    ]) {
      expect(await kindsIn(other), JSON.stringify(other.slice(0, 60))).to.deep.equal(['form']);
    }
  });

  it('behaviour: a line without end is given up at its bound, a file at its own', async () => {
    let readBytes = 0;
    async function* endless() {
      for (;;) {
        readBytes += 65_536;
        yield Buffer.alloc(65_536, 'x');
      }
    }
    const { findings } = await checkReceiptsFile(endless());
    expect(findings.map(({ kind, line }) => [kind, line])).to.deep.equal([['form', 1]]);
    expect(readBytes).to.be.below(2 * MAX_LINE_BYTES);

    const [found] = (await check(text, { maxBytes: 2_000 })).findings;
    expect(found?.message).to.contain('larger than 2000 bytes');
  });

  it('behaviour: a header that promises more than there may be', async () => {
    for (const fields of [
      { payees: 10 ** 9 },
      { receipts: 10 ** 12 },
      { payees: 0 },
      { feeBps: 9_999 },
      { epoch: 0 },
    ]) {
      expect(await kindsIn(change(text, 1, fields)), JSON.stringify(fields)).to.deep.equal(['form']);
    }
  });

  it('behaviour: when all is wrong it stops, and keeps the first findings alone', async () => {
    const { text: large } = fileOf(aRange({ workers: 700 }));
    const lines = linesOf(large);
    const broken = lines.map((line) => line.replace(/"signature":"../, '"signature":"__'));
    let readBytes = 0;
    const onRead = (sizeBytes: number) => {
      readBytes = sizeBytes;
    };
    const verdict = await check(textOf(broken), { onRead });

    expect(verdict.findings).to.have.length(20);
    expect(verdict.findingsCount).to.equal(1_000);
    expect(readBytes).to.be.below(Buffer.byteLength(textOf(broken)) - 1_000);
  });

  it('error USER_INTERRUPTED: Ctrl-C', async () => {
    const reason = new RiosError('USER_INTERRUPTED', 'interrupted');
    const error: unknown = await check(text, { signal: AbortSignal.abort(reason) }).catch(
      (one: unknown) => one,
    );

    expect(error).to.equal(reason);
  });
});
