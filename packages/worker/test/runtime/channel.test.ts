import { MessageChannel } from 'node:worker_threads';
import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { type CallHandlers, type Channel, createChannel } from '../../src/runtime/channel.ts';
import { rejection } from './support/builders.ts';

interface Echo {
  echo(ask: { readonly bytes: Uint8Array; readonly note: string }): Promise<Uint8Array>;
  refuse(ask: undefined): Promise<void>;
}
type Nothing = Record<never, never>;

describe('channel', () => {
  let ports: MessageChannel;
  let caller: Channel<Echo>;
  let untold: unknown[];
  const handlers: CallHandlers<Echo> = {
    echo: ({ bytes, note }) => (note === 'view' ? bytes.subarray(1) : bytes),
    refuse: () => {
      throw new RiosError('QUOTA_UNITS', 'no more', { details: { maxUnits: 3 } });
    },
  };

  beforeEach(() => {
    ports = new MessageChannel();
    untold = [];
    createChannel<Nothing, Echo>(ports.port2, handlers, (error) => untold.push(error));
    caller = createChannel<Echo, Nothing>(ports.port1, {}, () => {});
  });
  afterEach(() => {
    ports.port1.close();
  });

  it('default: asks and answers, many at once', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map((n) => caller.call('echo', { bytes: Uint8Array.of(n), note: '' })),
    );

    expect(answers.map((bytes) => bytes[0])).to.deep.equal([1, 2, 3]);
  });

  it('behaviour: an array that owns its buffer moves, a view on a larger one is copied', async () => {
    const whole = new Uint8Array(8);
    const large = new Uint8Array(100_000);

    await caller.call('echo', { bytes: whole, note: '' });
    const view = await caller.call('echo', { bytes: large.subarray(0, 4), note: '' });

    expect(whole.byteLength).to.equal(0);
    expect(large.byteLength).to.equal(100_000);
    expect(view.buffer.byteLength, 'only the view crosses').to.equal(4);
  });

  it('behaviour: a view in an answer is cut out too', async () => {
    const answer = await caller.call('echo', { bytes: Uint8Array.of(1, 2, 3), note: 'view' });

    expect(Array.from(answer)).to.deep.equal([2, 3]);
    expect(answer.buffer.byteLength).to.equal(2);
  });

  it('error QUOTA_UNITS: errors cross with code and details', async () => {
    const error = await rejection(caller.call('refuse', undefined));

    expect(error).to.be.instanceOf(RiosError);
    expect(error).to.deep.include({ code: 'QUOTA_UNITS', message: 'no more', details: { maxUnits: 3 } });
  });

  it('behaviour: the error of a word that is only told goes to the teller of the unexpected', async () => {
    caller.tell('refuse', undefined);
    await caller.call('echo', { bytes: new Uint8Array(), note: '' });

    expect(untold).to.have.length(1);
  });

  it('behaviour: close rejects calls in flight and later ones', async () => {
    const flying = rejection(caller.call('echo', { bytes: new Uint8Array(), note: '' }));
    caller.close(new RiosError('RUNTIME_SESSION', 'gone'));

    expect(await flying).to.have.property('code', 'RUNTIME_SESSION');
    expect(await rejection(caller.call('refuse', undefined))).to.have.property('code', 'RUNTIME_SESSION');
  });
});
