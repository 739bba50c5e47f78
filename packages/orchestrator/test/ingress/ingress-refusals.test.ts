import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  type IngressWorld,
  type SendOptions,
  startIngress,
  textOf,
  type WorldOptions,
} from './ingress-world.ts';

describe('ingress refuses', () => {
  let world: IngressWorld;
  const start = async (options?: WorldOptions) => {
    world = await startIngress(options);
    const replica = await world.addReplica((_, response) => response.end('app'));
    world.route({ targets: [replica.id] });
    return replica;
  };
  afterEach(() => world.stop());
  const codeOf = async (options?: SendOptions) => {
    const { status, body } = await world.send(options);
    return `${status} ${body === 'app' ? body : JSON.parse(body).error.code}`;
  };
  const raw = async (text: string) => {
    const socket = connect(world.port, '127.0.0.1');
    socket.write(text);
    return await textOf(socket);
  };

  it('error NOT_FOUND: hosts that are no application', async () => {
    await start();

    for (const host of [
      'localhost',
      'other.localhost',
      'a.hello.localhost',
      'hello.example.com',
      '-x.localhost',
    ])
      assert.equal(await codeOf({ host }), '404 NOT_FOUND', host);
    assert.equal(await codeOf({ host: 'HELLO.localhost.:1' }), '200 app');
  });

  it('error NOT_FOUND: an application without a port', async () => {
    await start();
    world.route({ port: null });

    assert.equal(await codeOf(), '404 NOT_FOUND');
  });

  it('error CAPACITY_NO_REPLICA: an application that is stopped, or whose replicas do not come', async () => {
    await start({ ingress: { waitMs: 40 } });
    world.route({ state: 'stopped', targets: [] });
    assert.equal(await codeOf(), '503 CAPACITY_NO_REPLICA');
    assert.deepEqual(world.woken, []);

    world.route({ state: 'degraded', targets: [] });
    assert.equal(await codeOf(), '503 CAPACITY_NO_REPLICA');
  });

  it('error AUTH_REQUIRED, AUTH_FORBIDDEN: visitors whom the rule of the application does not let in', async () => {
    const own = { accountId: 'acc_owner00000', role: 'developer' as const };
    const other = { accountId: 'acc_other00000', role: 'developer' as const };
    await start({
      access: {
        findCaller: async (token) => ({ rios_own: own, rios_other: other })[token],
        mayRead: async (caller, accountId) => caller.accountId === accountId,
      },
    });
    const bearing = (token: string) => codeOf({ headers: { authorization: `Bearer ${token}` } });

    world.route({ access: 'token' });
    assert.equal(await codeOf(), '401 AUTH_REQUIRED');
    assert.equal(await bearing('rios_wrong'), '401 AUTH_REQUIRED');
    assert.equal(await bearing('rios_other'), '200 app');
    world.route({ access: 'organisation' });
    assert.equal(await bearing('rios_other'), '403 AUTH_FORBIDDEN');
    assert.equal(await bearing('rios_own'), '200 app');
    assert.equal(await codeOf({ headers: { 'x-rios-token': 'rios_own' } }), '200 app');
  });

  it('error PEER_TIMEOUT: an application that does not answer', async () => {
    await start({ ingress: { limits: { answerMs: 50 } } });
    const silent = await world.addReplica(() => {});
    world.route({ targets: [silent.id] });

    assert.equal(await codeOf({ method: 'POST', body: 'x' }), '504 PEER_TIMEOUT');
  });

  it('error USER_INVALID_REQUEST: a body that stops coming', async () => {
    await start({ ingress: { limits: { stallMs: 50 } } });
    const silent = await world.addReplica(() => {});
    world.route({ targets: [silent.id] });

    const text = await raw(
      'POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 9\r\nConnection: close\r\n\r\nab',
    );

    assert.match(text, /USER_INVALID_REQUEST/);
  });

  it('error USER_INVALID_REQUEST: the address of another server, and TRACE', async () => {
    const replica = await start();

    const proxied = await raw(
      'GET http://10.0.0.1/secret HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n\r\n',
    );

    assert.match(proxied, /^HTTP\/1\.1 400 /);
    assert.equal(await codeOf({ method: 'TRACE' }), '400 USER_INVALID_REQUEST');
    assert.equal(replica.seen.length, 0);
  });

  it('behaviour: messages that two servers could read differently end at ingress', async () => {
    const replica = await start();
    const smuggling = [
      'POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET',
      'POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
      'GET / HTTP/1.1\r\nHost: hello.localhost\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: hello.localhost\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
    ];

    for (const text of smuggling) assert.match(await raw(text), /^HTTP\/1\.1 4/, text.slice(0, 120));
    assert.equal(replica.seen.length, 0);
  });

  it('behaviour: a visitor that sends its headers slowly is cut off', async () => {
    await start({ ingress: { headersTimeoutMs: 100 } });

    const socket = connect(world.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: hello.lo');
    const text = textOf(socket);
    await once(socket, 'close');

    assert.match(await text, /^HTTP\/1\.1 408 /);
  });

  it('behaviour: a connection on which nothing passes is closed, upgraded or not', async () => {
    const replica = await start({ ingress: { idleTimeoutMs: 100 } });
    replica.server.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      socket.on('end', () => socket.end());
    });

    const silent = 'GET / HTTP/1.1\r\nHost: hello.localhost\r\n';
    const texts = [await raw(''), await raw(`${silent}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)];

    assert.equal(texts[0], '');
    assert.match(texts[1] ?? '', /^HTTP\/1\.1 101 /);
  });

  it('error USER_INVALID_REQUEST: an upgrade to anything but a WebSocket', async () => {
    const replica = await start();

    const text = await raw(
      'GET / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n',
    );

    assert.match(text, /^HTTP\/1\.1 400 /);
    assert.equal(replica.seen.length, 0);
  });
});
