import { checkReceiptsFile } from '@rios/sdk/settlement/check-receipts-file';
import { MAX_LINE_BYTES, type PayeeLine, type ReceiptLine } from '@rios/sdk/settlement/receipts-format';
import { expect } from 'chai';
import { aRange, fileOf, rangeAfter } from './support/range.ts';
import { creditAll, type OpenedFile, openFile, reseal } from './support/reseal.ts';

const { text } = fileOf(rangeAfter(fileOf(aRange()).epoch));

async function* asChunk(whole: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(whole);
}
const find = async (whole: string) => (await checkReceiptsFile(asChunk(whole))).findings;

/** What is found in a file whose sums and roots all agree with its lines. */
const found = async (change: (file: OpenedFile) => OpenedFile) =>
  (await find(reseal(change(openFile(text))))).map(({ kind, message }) => `${kind}: ${message}`);

const withReceipt = (file: OpenedFile, fields: (line: ReceiptLine) => Partial<ReceiptLine>): OpenedFile => ({
  ...file,
  receipts: file.receipts.map((line, at) => (at === 0 ? { ...line, ...fields(line) } : line)),
});
const withPayee = (file: OpenedFile, fields: (line: PayeeLine) => Partial<PayeeLine>): OpenedFile => ({
  ...file,
  payees: file.payees.map((line, at) => (at === 0 ? { ...line, ...fields(line) } : line)),
});
const plus = (wei: string, more: bigint) => String(BigInt(wei) + more);

describe('receipts file of a liar, whose sums and roots agree', () => {
  it('default: nothing changed, nothing found', async () => {
    expect(await found((file) => file)).to.deep.equal([]);
    expect(await found(creditAll)).to.deep.equal([]);
  });

  it('behaviour: a user charged above the price', async () => {
    const lie = (more: bigint) => (file: OpenedFile) =>
      creditAll(
        withReceipt(file, ({ amountWei }) => {
          const amount = BigInt(amountWei) + more;
          return {
            amountWei: String(amount),
            workerWei: String((amount * 9n) / 10n),
            platformWei: String(amount / 10n),
          };
        }),
      );

    expect(await found(lie(-1n))).to.deep.equal([]);
    expect(await found(lie(1n))).to.have.length(1);
    expect((await found(lie(1n)))[0]).to.match(/^charge: \d+ wei were charged where \d+ is the price$/);
  });

  it('behaviour: a user charged at a price that the worker did not ask', async () => {
    for (const more of [-1n, 1n]) {
      const lie = (file: OpenedFile) =>
        withReceipt(file, ({ priceWei }) => ({ priceWei: plus(priceWei, more) }));
      expect((await found(lie))[0], String(more)).to.match(
        /^charge: the price was \d+ wei; the worker asked/,
      );
    }
  });

  it('behaviour: shares that are not those of the contract; 1 wei that was carried may go to either', async () => {
    const move = (worker: bigint, platform: bigint) => (file: OpenedFile) =>
      creditAll(
        withReceipt({ ...file, header: { ...file.header, carriedBeforeWei: '5' } }, (line) => ({
          workerWei: plus(line.workerWei, worker),
          platformWei: plus(line.platformWei, platform),
        })),
      );

    for (const [worker, platform] of [
      [-1n, 1n],
      [2n, -2n],
      [-1n, 0n],
      [0n, -1n],
      [0n, 2n],
    ] as const) {
      const kinds = (await found(move(worker, platform))).map((one) => one.split(':')[0]);
      expect(kinds, `${worker} ${platform}`).to.deep.equal(['charge']);
    }
  });

  it('behaviour: a payee who is given what no receipt says', async () => {
    const lie = (file: OpenedFile) =>
      withPayee(file, ({ earnedWei, cumulativeWei }) => ({
        earnedWei: plus(earnedWei, 7n),
        cumulativeWei: plus(cumulativeWei, 7n),
      }));

    expect(await found(lie)).to.have.length(1);
    expect((await found(lie))[0]).to.match(/^sum: the receipts of 0x\w+ come to another sum$/);
  });

  it('behaviour: a payee who is owed nothing, one that stands twice', async () => {
    const account = `0x${'f'.repeat(40)}`;
    const nobody: PayeeLine = { kind: 'payee', account, beforeWei: '0', earnedWei: '0', cumulativeWei: '0' };
    const one: PayeeLine = { ...nobody, beforeWei: '1', cumulativeWei: '1' };

    expect(await found((file) => ({ ...file, payees: [...file.payees, nobody] }))).to.deep.equal([
      `sum: ${account} is owed nothing`,
    ]);
    const lines = reseal({ ...openFile(text), payees: [...openFile(text).payees, one] }).split('\n');
    const at = lines.findIndex((line) => line.includes(account));
    const twice = lines.toSpliced(at, 0, lines[at] ?? '').join('\n');
    expect((await find(twice.replace('"payees":4', '"payees":5'))).map(({ kind }) => kind)).to.include(
      'doubled',
    );
  });

  it('behaviour: more paid out than paid in, each charge by itself within its bounds', async () => {
    const charge = { amountWei: '9', workerWei: '9', platformWei: '1' };
    const lie = (file: OpenedFile) =>
      creditAll({ ...file, receipts: file.receipts.map((line) => ({ ...line, ...charge })) });
    const covered = (file: OpenedFile) =>
      lie({ ...file, header: { ...file.header, carriedBeforeWei: String(file.receipts.length) } });

    expect(await found(covered)).to.deep.equal([]);
    expect((await found(lie)).map((one) => one.split(':')[0])).to.deep.equal(['form']);
    const stated = reseal(lie(openFile(text))).replace(/"carriedWei":"-\d+"/, '"carriedWei":"0"');
    expect((await find(stated)).map(({ kind, message }) => [kind, message])).to.deep.equal([
      ['sum', 'the sum carriedWei at the end is another'],
    ]);
  });

  it('behaviour: a receipt left out is found by its payee’s sum alone; left out with its pay, by the chain', async () => {
    const less = (file: OpenedFile) => ({ ...file, receipts: file.receipts.slice(1) });

    expect((await found(less))[0]).to.match(/^sum: the receipts of/);
    expect(await found((file) => creditAll(less(file)))).to.deep.equal([]);
  });

  it('behaviour: it says what is wrong with lines: too long, without end', async () => {
    const long = await find(`${'x'.repeat(MAX_LINE_BYTES + 1)}\n${text}`);
    expect(long.map(({ line, message }) => [line, message])).to.deep.equal([
      [1, `a line is longer than ${MAX_LINE_BYTES} bytes`],
    ]);
    const last = text.trimEnd().split('\n').length;
    const cut = await find(text.slice(0, -1));
    expect(cut.map(({ line, message }) => [line, message])).to.deep.equal([
      [last, 'the file breaks off in the middle of a line'],
    ]);
  });
});
