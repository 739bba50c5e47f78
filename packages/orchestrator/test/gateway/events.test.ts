import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { HEARTBEAT_MS } from '../../src/gateway/event-stream.ts';
import { addEvent } from '../../src/store/events.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { ask, type SmallGateway, startGateway, TOKEN } from '../support/small-gateway.ts';

const PATH = '/v1/events';
const authorization = `Bearer ${TOKEN}`;

describe('/v1/events', () => {
  let gateway: SmallGateway;
  const add = (subject: string, kind = 'worker.lost') =>
    addEvent(gateway.store, { at: 1, kind, subject, message: 'a\nb' });
  afterEach(() => gateway.stop());

  describe('by server-sent events', () => {
    const open = async (headers: Record<string, string> = {}, search = ''): Promise<IncomingMessage> => {
      const asked = get(`${gateway.url}${PATH}${search}`, { headers: { authorization, ...headers } });
      const [response] = await once(asked, 'response');
      response.on('error', () => {});
      return response;
    };
    const readUntil = async (response: IncomingMessage, wanted: string): Promise<string> => {
      let text = '';
      for await (const chunk of response.iterator({ destroyOnReturn: false })) {
        text += chunk;
        if (text.includes(wanted)) return text;
      }
      return text;
    };

    it('default: an event with its id as it happens', async () => {
      gateway = await startGateway({});
      const response = await open({}, '?after=0');
      expect(response.headers['content-type']).to.equal('text/event-stream; charset=utf-8');
      await add('w');
      const text = await readUntil(response, '\n\n');
      response.destroy();

      expect(text).to.match(/^id: \d+\ndata: \{.*"kind":"worker.lost","subject":"w","message":"a\\nb"\}\n\n/);
    });

    it('behaviour: resumes after Last-Event-ID, or by the query', async () => {
      gateway = await startGateway({});
      for (const subject of ['a', 'b', 'c']) await add(subject);

      for (const response of [await open({ 'last-event-id': '1' }, '?after=0'), await open({}, '?after=1')]) {
        const text = await readUntil(response, '"c"');
        response.destroy();
        expect(text.match(/^id: .*$/gm)).to.deep.equal(['id: 2', 'id: 3']);
      }
    });

    it('behaviour: a comment every 15 s keeps the connection', async () => {
      const clock = createManualClock();
      gateway = await startGateway({}, { clock });
      const response = await open();

      clock.advance(HEARTBEAT_MS);
      expect(await readUntil(response, '\n\n')).to.equal(': keep-alive\n\n');
      response.destroy();
    });

    it('behaviour: a stop ends it at once, without [DONE]', async () => {
      const clock = createManualClock();
      gateway = await startGateway({}, { clock });
      const response = await open();
      await add('late');

      const stopped = gateway.server.stop();
      expect(await readUntil(response, '[DONE]')).to.not.contain('[DONE]');
      await stopped;
    });

    for (const [search, headers] of [
      ['?after=-1', {}],
      ['?after=x', {}],
      ['?topics=', {}],
      ['?topics=Worker', {}],
      ['', { 'last-event-id': '1; drop' }],
      ['', { 'last-event-id': '9999999999999999' }],
    ] as const) {
      it(`error USER_INVALID_REQUEST: ${search} ${JSON.stringify(headers)}`, async () => {
        gateway = await startGateway({});

        expect((await ask(gateway.url, PATH + search, { headers })).error()).to.include({
          code: 'USER_INVALID_REQUEST',
        });
      });
    }
  });

  describe('by WebSocket', () => {
    const connect = (search = '', headers: Record<string, string> = { authorization }) =>
      new WebSocket(`${gateway.url.replace('http', 'ws')}${PATH}${search}`, { headers });
    const refusalOf = async (socket: WebSocket): Promise<[number, string]> => {
      socket.on('error', () => {});
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
      let text = '';
      for await (const chunk of response) text += chunk;
      return [response.statusCode ?? 0, JSON.parse(text).error.code];
    };

    it('default: one text frame of JSON for each event, after an id, of a topic', async () => {
      gateway = await startGateway({});
      await add('a');
      await add('m', 'model.placed');
      await add('b');
      const socket = connect('?after=1&topics=worker');
      const [frame, isBinary] = await once(socket, 'message');
      socket.terminate();

      expect(isBinary).to.equal(false);
      expect(JSON.parse(String(frame))).to.deep.include({ id: 3, kind: 'worker.lost', subject: 'b' });
    });

    it('behaviour: a ping every 15 s; who does not answer is cut off', async () => {
      const clock = createManualClock();
      gateway = await startGateway({}, { clock });
      const socket = connect('', { authorization });
      await once(socket, 'open');
      const pinged = once(socket, 'ping');
      clock.advance(HEARTBEAT_MS);
      await pinged;
      socket.pause();
      const closed = once(socket, 'close');
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(HEARTBEAT_MS);
      clock.advance(HEARTBEAT_MS);
      socket.resume();

      expect((await closed)[0]).to.equal(1006);
    });

    it('behaviour: a stop says that it goes away', async () => {
      gateway = await startGateway({});
      const socket = connect();
      await once(socket, 'open');
      const closed = once(socket, 'close');

      await gateway.server.stop();
      expect((await closed)[0]).to.equal(1001);
    });

    it('behaviour: a message that is too large ends it, and the server goes on', async () => {
      gateway = await startGateway({});
      const socket = connect();
      socket.on('error', () => {});
      await once(socket, 'open');
      const closed = once(socket, 'close');
      socket.send('x'.repeat(5_000));

      expect((await closed)[0]).to.equal(1009);
      expect((await ask(gateway.url, '/nowhere')).status).to.equal(404);
    });

    it('error: no token, a wrong one, another path, a bad query', async () => {
      gateway = await startGateway({});

      expect(await refusalOf(connect('', {}))).to.deep.equal([401, 'AUTH_REQUIRED']);
      expect(await refusalOf(connect('', { authorization: 'Bearer no' }))).to.deep.equal([
        401,
        'AUTH_REQUIRED',
      ]);
      expect(await refusalOf(connect('?after=x'))).to.deep.equal([400, 'USER_INVALID_REQUEST']);
      expect(await refusalOf(connect('/x'))).to.deep.equal([404, 'NOT_FOUND']);
    });
  });
});
