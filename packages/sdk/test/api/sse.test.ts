import { MAX_EVENT_BYTES, readEvents } from '@rios/sdk/api/sse';
import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import fc from 'fast-check';

async function* bytesOf(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

async function read(parts: readonly Uint8Array[]): Promise<string[]> {
  const events: string[] = [];
  for await (const text of readEvents(bytesOf(parts))) events.push(text);
  return events;
}

const encode = (text: string) => new TextEncoder().encode(text);

describe('api/sse', () => {
  it('default', async () => {
    expect(await read([encode('data: a\n\ndata: b\n\n')])).to.deep.equal(['a', 'b']);
  });

  it('behaviour: comments and other fields are skipped, data lines are joined', async () => {
    const text = ': ping\nevent: x\nid: 3\ndata: a\ndata:b\r\n\r\ndata\n\n: bye\n\n';

    expect(await read([encode(text)])).to.deep.equal(['a\nb']);
  });

  it('behaviour: an event without its empty line is no event', async () => {
    expect(await read([encode('data: a\n\ndata: cut')])).to.deep.equal(['a']);
  });

  it('behaviour: however the bytes are cut, the events are the same', async () => {
    const texts = fc.array(
      fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\r\n]/.test(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('\n', '\r\n'),
        async (data, step, eol) => {
          const bytes = encode(data.map((text) => `data: ${text}${eol}${eol}`).join(''));
          const parts = Array.from({ length: Math.ceil(bytes.length / step) }, (_, index) =>
            bytes.subarray(index * step, (index + 1) * step),
          );

          expect(await read(parts)).to.deep.equal(data);
        },
      ),
    );
  });

  it('error API_REMOTE: an event without an end', async () => {
    const block = encode('x'.repeat(1024 * 1024));
    const parts = [
      encode('data: '),
      ...Array.from({ length: MAX_EVENT_BYTES / block.length + 1 }, () => block),
    ];

    const error = await read(parts).catch((thrown: unknown) => thrown);

    expect(error).to.be.instanceOf(RiosError);
    expect((error as RiosError).code).to.equal('API_REMOTE');
  });
});
