import { once } from 'node:events';
import { get, request } from 'node:http';
import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import type { SendEvent, ServiceEndpoints } from '../../src/gateway/endpoint.ts';
import { HEARTBEAT_MS } from '../../src/gateway/event-stream.ts';
import { createManualClock } from '../support/manual-clock.ts';
import {
  ask,
  type SmallGateway,
  type SmallGatewayOptions,
  startGateway,
  TOKEN,
} from '../support/small-gateway.ts';

const ASK = { method: 'POST', body: '{"model":"m","prompt":"p","stream":true}' };
const PATH = '/v1/completions';

describe('sendStream', () => {
  let gateway: SmallGateway | undefined;
  const start = async (
    run: (send: SendEvent, signal: AbortSignal) => Promise<void>,
    options: SmallGatewayOptions = {},
  ) => {
    const createCompletion: ServiceEndpoints['createCompletion'] = async ({ signal }) => ({
      kind: 'stream',
      run: (send) => run(send, signal),
    });
    gateway = await startGateway({ createCompletion }, options);
    return gateway.url;
  };
  afterEach(() => gateway?.stop());

  it('default: events in order, then [DONE]', async () => {
    const url = await start(async (send) => {
      await send({ text: 'a\nb' });
      await send({ text: 'c' });
    });

    const answer = await ask(url, PATH, ASK);
    expect(answer.headers['content-type']).to.equal('text/event-stream; charset=utf-8');
    expect(answer.text).to.equal('data: {"text":"a\\nb"}\n\ndata: {"text":"c"}\n\ndata: [DONE]\n\n');
  });

  it('behaviour: an error before the first event is an ordinary answer', async () => {
    const url = await start(async () => {
      throw new RiosError('CAPACITY_NO_WORKERS', 'there are no workers');
    });

    const answer = await ask(url, PATH, ASK);
    expect(answer.status).to.equal(503);
    expect(answer.headers['x-should-retry']).to.equal('true');
    expect(answer.error()).to.include({
      code: 'CAPACITY_NO_WORKERS',
      type: 'server_error',
      param: null,
    });
  });

  it('behaviour: while a model is being placed a comment keeps the client; an error is an event then', async () => {
    const clock = createManualClock();
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const url = await start(
      async () => {
        begun();
        await new Promise<void>((resolve) => clock.after(2 * HEARTBEAT_MS, resolve));
        throw new RiosError('CAPACITY_PLACING', 'it takes too long');
      },
      { clock },
    );
    const asked = ask(url, PATH, ASK);
    await hasBegun;
    clock.advance(HEARTBEAT_MS);
    clock.advance(HEARTBEAT_MS);

    const answer = await asked;
    expect(answer.status).to.equal(200);
    expect(answer.text).to.match(/^: keep-alive\n\n/);
    expect(answer.text).to.contain('"code":"CAPACITY_PLACING"').and.not.contain('[DONE]');
  });

  it('behaviour: an error after the first event is an event, and no [DONE] follows', async () => {
    const url = await start(async (send) => {
      await send({ text: 'a' });
      throw new RiosError('PEER_LOST', 'a worker is gone');
    });

    const answer = await ask(url, PATH, ASK);
    const events = answer.text.trim().split('\n\n');
    expect(events).to.have.length(2);
    expect(JSON.parse(events[1]?.slice(6) ?? '').error).to.include({
      code: 'PEER_LOST',
      type: 'server_error',
      requestId: answer.headers['x-request-id'],
    });
  });

  it('behaviour: when the client goes, the signal aborts and sending ends', async () => {
    let aborted = (_code: unknown) => {};
    const whenAborted = new Promise((resolve) => (aborted = resolve));
    const url = await start(async (send, signal) => {
      await send({ text: 'a' });
      await once(signal, 'abort').catch(() => {});
      aborted((signal.reason as RiosError).code);
      await send({ text: 'b' });
    });
    const { port } = new URL(url);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const sent = request({ port, path: PATH, method: 'POST', headers }).end(ASK.body);
    const [response] = await once(sent, 'response');
    response.on('error', () => {});
    await once(response, 'data');
    response.destroy();

    expect(await whenAborted).to.equal('USER_INTERRUPTED');
  });

  it('behaviour: a slow reader holds the sender back', async () => {
    let sent = 0;
    let held = () => {};
    const whenHeld = new Promise<void>((resolve) => (held = resolve));
    const text = 'x'.repeat(256 * 1024);
    const url = await start(async (send) => {
      for (; sent < 200; sent++) {
        const timer = setTimeout(held, 300);
        await send({ text });
        clearTimeout(timer);
      }
    });
    const { port } = new URL(url);
    const asked = request({
      port,
      path: PATH,
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    asked.end(ASK.body);
    const [response] = await once(asked, 'response');
    await whenHeld;
    expect(sent).to.be.lessThan(200);

    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    expect(bytes).to.be.greaterThan(200 * text.length);
  });

  it('behaviour: stopping finishes open streams, and takes no new request', async () => {
    let finish = () => {};
    const url = await start(async (send) => {
      await send({ text: 'a' });
      await new Promise<void>((resolve) => (finish = resolve));
      await send({ text: 'b' });
    });
    const { port } = new URL(url);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const asked = request({ port, path: PATH, method: 'POST', headers }).end(ASK.body);
    const [response] = await once(asked, 'response');
    await once(response, 'readable');

    const stopped = gateway?.server.stop();
    const late = await once(get({ port, path: '/healthz' }), 'error').catch((error) => [error]);
    expect((late[0] as NodeJS.ErrnoException).code).to.equal('ECONNREFUSED');
    finish();
    let text = '';
    for await (const chunk of response) text += chunk;
    expect(text).to.contain('"b"').and.contain('[DONE]');
    await stopped;
  });
});
