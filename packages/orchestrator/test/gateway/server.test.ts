import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { systemClock } from '@rios/sdk/clock';
import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { createLiveRequests } from '../../src/gateway/live-requests.ts';
import { createApiServer } from '../../src/gateway/server.ts';
import { expectError } from '../support/expect-error.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { startGateway, TOKEN } from '../support/small-gateway.ts';

const serverOn = (host: string, port = 0, clock = systemClock) => {
  const live = createLiveRequests();
  return createApiServer(
    { host, port },
    {
      listener: (_request, response) => {
        live.open(response as never).addEventListener('abort', () => response.destroy());
        response.flushHeaders();
      },
      live,
      clock,
      log: silentLog,
    },
  );
};

describe('createApiServer', () => {
  for (const host of ['127.0.0.1', '127.0.0.2', 'localhost']) {
    it(`default: listens on ${host}`, async () => {
      const server = serverOn(host);

      expect(await server.start()).to.match(/^http:\/\/[a-z0-9.]+:\d+$/);
      await server.stop();
      await server.stop();
    });
  }

  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.com', '127.0.0.1.example.com', '']) {
    it(`error USER_INVALID_REQUEST: ${host || 'no host'} is not loopback`, async () => {
      const error = await expectError(serverOn(host).start(), 'USER_INVALID_REQUEST');

      expect(error.hint).to.contain('put a TLS proxy in front');
    });
  }

  it('error CONFLICT_IN_USE: the port is taken', async () => {
    const first = serverOn('127.0.0.1');
    const port = Number(new URL(await first.start()).port);

    const error = await expectError(serverOn('127.0.0.1', port).start(), 'CONFLICT_IN_USE');
    expect(error.message).to.contain(String(port));
    await first.stop();
  });

  it('behaviour: what does not end within 10 s of a stop is aborted', async () => {
    const clock = createManualClock();
    const server = serverOn('127.0.0.1', 0, clock);
    const { port } = new URL(await server.start());
    const asked = request({ port }).end();
    const [response] = await once(asked, 'response');
    response.on('error', () => {});
    const closed = new Promise((resolve) => response.once('close', resolve));

    const stopped = server.stop();
    clock.advance(9_999);
    expect(response.destroyed).to.equal(false);
    clock.advance(1);
    await closed;
    await stopped;
  });

  it('behaviour: who sends its headers, or its body, too slowly is cut off', async () => {
    const limits = { headersTimeoutMs: 100, requestTimeoutMs: 200 };
    const gateway = await startGateway({}, { server: limits });
    const port = Number(new URL(gateway.url).port);

    for (const slow of [
      'GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ',
      `POST /v1/invites HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: 9\r\n\r\n{`,
    ]) {
      const socket = connect(port, '127.0.0.1');
      socket.write(slow);
      expect(await text(socket), slow.slice(0, 20)).to.match(/^HTTP\/1.1 4\d\d /);
    }
    await gateway.stop();
  });
});
