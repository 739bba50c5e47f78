import { Readable } from 'node:stream';
import { expect } from 'chai';
import { parseRange } from '../../src/gateway/send-bytes.ts';
import { ask, type SmallGateway, startGateway } from '../support/small-gateway.ts';

const BLOB = Buffer.from('0123456789');
const PATH = `/v1/blobs/${'a'.repeat(64)}`;

describe('parseRange', () => {
  const cases: readonly [string | undefined, unknown][] = [
    [undefined, undefined],
    ['bytes=0-3', { from: 0, to: 4 }],
    ['bytes=4-', { from: 4, to: 10 }],
    ['bytes=-3', { from: 7, to: 10 }],
    ['bytes=-99', { from: 0, to: 10 }],
    ['bytes=5-99', { from: 5, to: 10 }],
    ['bytes=10-', null],
    ['bytes=-0', null],
    ['bytes=5-3', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,4-5', undefined],
    ['lines=0-3', undefined],
    ['bytes=0x1-3', undefined],
    [`bytes=${'9'.repeat(40)}-`, undefined],
  ];
  for (const [header, expected] of cases) {
    it(`default: ${header} of 10 bytes`, () => {
      expect(parseRange(header, 10)).to.deep.equal(expected);
    });
  }
});

describe('sendBytes', () => {
  let gateway: SmallGateway;
  beforeEach(async () => {
    gateway = await startGateway({
      getBlob: async () => ({
        kind: 'bytes',
        contentType: 'application/octet-stream',
        sizeBytes: BLOB.byteLength,
        etag: 'abc',
        open: (from: number, to: number) => Readable.from([BLOB.subarray(from, to)]),
      }),
    });
  });
  afterEach(() => gateway.server.stop());
  const get = (range?: string) => ask(gateway.url, PATH, range === undefined ? {} : { headers: { range } });

  it('default: the whole', async () => {
    const answer = await get();

    expect([answer.status, answer.text]).to.deep.equal([200, '0123456789']);
    expect(answer.headers).to.include({ 'content-length': '10', 'accept-ranges': 'bytes', etag: '"abc"' });
  });

  it('option range: the part that was asked for', async () => {
    const answer = await get('bytes=2-4');

    expect([answer.status, answer.text]).to.deep.equal([206, '234']);
    expect(answer.headers['content-range']).to.equal('bytes 2-4/10');
  });

  it('behaviour: a range past the end is told so', async () => {
    const answer = await get('bytes=10-');

    expect([answer.status, answer.text]).to.deep.equal([416, '']);
    expect(answer.headers['content-range']).to.equal('bytes */10');
  });

  it('behaviour: HEAD tells the size and sends nothing', async () => {
    const answer = await ask(gateway.url, PATH, { method: 'HEAD' });

    expect([answer.status, answer.text]).to.deep.equal([200, '']);
    expect(answer.headers['content-length']).to.equal('10');
  });
});
