import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { DEPLOYMENT, type IngressWorld, startIngress, textOf } from './ingress-world.ts';

describe('ingress', () => {
  let world: IngressWorld;
  beforeEach(async () => {
    world = await startIngress();
  });
  afterEach(() => world.stop());

  it('default: a request reaches the application, and its answer the visitor', async () => {
    const replica = await world.addReplica(async (request, response) => {
      response.writeHead(201, 'Made', { 'x-app': 'yes' });
      response.end(`${request.method} ${request.url} ${await textOf(request)}`);
    });
    world.route({ targets: [replica.id] });

    const answer = await world.send({ method: 'POST', path: '/a?b=c', body: 'hi' });

    assert.equal(answer.status, 201);
    assert.equal(answer.headers['x-app'], 'yes');
    assert.equal(answer.body, 'POST /a?b=c hi');
    assert.equal(world.figures.read(DEPLOYMENT, 60_000).requests, 1);
    assert.equal(world.figures.read(DEPLOYMENT, 60_000).inFlight, 0);
  });

  it('behaviour: a stream of events comes event by event', async () => {
    const gate = Promise.withResolvers<void>();
    const replica = await world.addReplica(async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      await gate.promise;
      response.end('data: 2\n\n');
    });
    world.route({ targets: [replica.id] });

    const answer = await world.begin();
    const [first] = await once(answer, 'data');
    gate.resolve();

    assert.equal(String(first), 'data: 1\n\n');
    assert.equal(await textOf(answer), 'data: 2\n\n');
  });

  it('behaviour: an upgraded connection carries bytes both ways until one end closes it', async () => {
    const replica = await world.addReplica((_, response) => response.end());
    replica.server.on('upgrade', (request, socket) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`);
      socket.write(`Sec-WebSocket-Accept: ${request.headers['sec-websocket-key']}\r\n\r\nhello `);
      socket.on('data', (bytes: Buffer) => socket.write(bytes.toString().toUpperCase()));
      socket.on('end', () => socket.end());
    });
    world.route({ targets: [replica.id] });

    const socket = connect(world.port, '127.0.0.1');
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: hello.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`,
    );
    socket.write('Sec-WebSocket-Key: k\r\n\r\n');
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      if (text.endsWith('hello ')) socket.write('over');
      if (text.endsWith('OVER')) socket.end();
    });
    await once(socket, 'close');

    assert.match(text, /^HTTP\/1\.1 101 /);
    assert.match(text, /Sec-WebSocket-Accept: k\r\n/);
    assert.match(text, /\r\n\r\nhello OVER$/);
  });

  it('behaviour: an application that refuses an upgrade is heard', async () => {
    const replica = await world.addReplica((_, response) => response.writeHead(403).end('no sockets'));
    world.route({ targets: [replica.id] });

    const socket = connect(world.port, '127.0.0.1');
    socket.write(
      'GET /ws HTTP/1.1\r\nHost: hello.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    const text = await textOf(socket);

    assert.match(text, /^HTTP\/1\.1 403 Forbidden\r\n/);
    assert.match(text, /no sockets$/);
  });

  it('behaviour: headers that come twice pass twice, and bodies in chunks stay so', async () => {
    const replica = await world.addReplica(async (request, response) => {
      response.writeHead(200, [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'X-Length',
        `${request.headers['content-length']}`,
      ]);
      response.end(await textOf(request));
    });
    world.route({ targets: [replica.id] });

    const answer = await world.send({
      method: 'PUT',
      headers: { 'transfer-encoding': 'chunked' },
      body: 'abc',
    });

    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(answer.headers['x-length'], 'undefined');
    assert.equal(answer.body, 'abc');
  });

  it('behaviour: replicas take turns', async () => {
    const replicas = await Promise.all(
      [1, 2, 3].map((number) => world.addReplica((_, response) => response.end(String(number)))),
    );
    world.route({ targets: replicas.map(({ id }) => id) });

    const bodies: string[] = [];
    for (let i = 0; i < 6; i++) bodies.push((await world.send()).body);

    assert.deepEqual(bodies, ['1', '2', '3', '1', '2', '3']);
  });

  it('behaviour: connections to replicas are used again', async () => {
    const replica = await world.addReplica((_, response) => response.end('x'));
    world.route({ targets: [replica.id] });

    for (let i = 0; i < 5; i++) await world.send();

    assert.equal(world.opened.length, 1);
  });

  it('behaviour: a request goes to another replica when the first cannot be reached', async () => {
    const replica = await world.addReplica(async (request, response) => response.end(await textOf(request)));
    world.route({ targets: ['rep_gone000000', replica.id] });

    const answers = [await world.send({ method: 'POST', body: 'once' }), await world.send()];

    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.equal(answers[0]?.body, 'once');
  });

  it('behaviour: what may not be repeated is sent once, even when its replica dies', async () => {
    const dying = await world.addReplica((request) => request.socket.destroy());
    const well = await world.addReplica((_, response) => response.end('ok'));
    world.route({ targets: [dying.id, well.id] });

    const answer = await world.send({ method: 'POST', body: 'pay' });

    assert.equal(answer.status, 502);
    assert.match(answer.body, /PEER_LOST/);
    assert.equal(well.seen.length, 0);
  });

  it('behaviour: a GET is asked of another replica when its own dies before it answers', async () => {
    const dying = await world.addReplica((request) => request.socket.destroy());
    const well = await world.addReplica((_, response) => response.end('ok'));
    world.route({ targets: [dying.id, well.id] });

    assert.equal((await world.send()).body, 'ok');
    assert.equal(dying.seen.length, 1);
  });

  it('behaviour: a replica that fails again and again is left alone', async () => {
    const dying = await world.addReplica((request) => request.socket.destroy());
    const well = await world.addReplica((_, response) => response.end('ok'));
    world.route({ targets: [dying.id, well.id] });

    for (let i = 0; i < 20; i++) assert.equal((await world.send()).status, 200, `request ${i}`);

    assert.equal(dying.seen.length, 3);
  });

  it('behaviour: a request under way ends whole when its replica is taken out', async () => {
    const gate = Promise.withResolvers<void>();
    const old = await world.addReplica(async (_, response) => {
      response.write('begun ');
      await gate.promise;
      response.end('ended');
    });
    const fresh = await world.addReplica((_, response) => response.end('new'));
    world.route({ targets: [old.id] });

    const answer = await world.begin();
    world.route({ targets: [fresh.id] });
    const next = await world.send();
    gate.resolve();

    assert.equal(next.body, 'new');
    assert.equal(await textOf(answer), 'begun ended');
  });

  it('behaviour: a request wakes an application that sleeps, and waits for it', async () => {
    const replica = await world.addReplica((_, response) => response.end('awake'));
    world.route({ state: 'asleep' });

    const asked = world.send();
    while (world.woken.length === 0) await new Promise(setImmediate);
    const { waiting } = world.figures.read(DEPLOYMENT, 1_000);
    world.route({ state: 'ready', targets: [replica.id] });

    assert.equal((await asked).body, 'awake');
    assert.equal(waiting, 1);
    assert.equal(world.figures.read(DEPLOYMENT, 1_000).waiting, 0);
  });

  it('behaviour: a visitor that leaves ends the request at the application', async () => {
    const gone = Promise.withResolvers<void>();
    const replica = await world.addReplica((request) => request.on('close', () => gone.resolve()));
    world.route({ targets: [replica.id] });

    const socket = connect(world.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n');
    while (replica.seen.length === 0) await new Promise(setImmediate);
    socket.destroy();

    await gone.promise;
  });

  it('behaviour: an answer that breaks off does not look whole', async () => {
    const replica = await world.addReplica((request, response) => {
      response.write('half');
      setImmediate(() => request.socket.destroy());
    });
    world.route({ targets: [replica.id] });

    const answer = await world.begin();

    await assert.rejects(textOf(answer), { code: 'ECONNRESET' });
  });
});
