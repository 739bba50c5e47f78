import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { z } from 'zod';
import { joinSockets } from '../../src/p2p/join-sockets.ts';
import type { Peer } from '../../src/p2p/peer.ts';
import { readMessage, writeMessage } from '../../src/p2p/socket-message.ts';
import { StreamSocket } from '../../src/p2p/stream-socket.ts';
import type { RawStream } from '../../src/wire/byte-stream.ts';
import { createMemoryPair } from '../../src/wire/memory-pair.ts';
import { addressOf, startPeer, until } from './start-peer.ts';

const PROTOCOL = { id: '/rios/test/1', maxInboundStreams: 64 };
const MIB = 1024 * 1024;

/** Two ends of one raw stream, and how to let go of them. */
type OpenPair = () => Promise<{ near: RawStream; far: RawStream; close: () => Promise<void> }>;

const overMemory: OpenPair = async () => {
  const [near, far] = createMemoryPair();
  return { near, far, close: async () => {} };
};

const overLibp2p: OpenPair = async () => {
  const [dialler, listener] = [await startPeer({ listen: [] }), await startPeer()];
  const opened = Promise.withResolvers<RawStream>();
  await listener.serveStreams(PROTOCOL, (stream) => opened.resolve(stream));
  const near = await dialler.openStream(addressOf(listener), PROTOCOL.id, 5_000);
  const far = await opened.promise;
  return { near, far, close: async () => stopAll(dialler, listener) };
};

const stopAll = async (...peers: Peer[]) => {
  for (const peer of peers) await peer.stop();
};

const openers: [string, OpenPair][] = [
  ['memory', overMemory],
  ['libp2p', overLibp2p],
];

for (const [name, open] of openers) {
  describe(`raw stream over ${name}`, () => {
    let near: StreamSocket;
    let far: StreamSocket;
    let close = async () => {};
    beforeEach(async () => {
      const pair = await open();
      near = new StreamSocket(pair.near);
      far = new StreamSocket(pair.far);
      for (const socket of [near, far]) socket.on('error', () => {});
      close = pair.close;
    });
    afterEach(() => close());

    it('default: bytes pass both ways, in order, to the end', async () => {
      far.on('data', (bytes: Buffer) => far.write(bytes));
      const sent = Buffer.from(Array.from({ length: 3 * MIB }, (_, i) => i % 251));
      near.write(sent.subarray(0, MIB));
      near.write(sent.subarray(MIB));

      const pieces: Buffer[] = [];
      near.on('data', (piece: Buffer) => pieces.push(piece));
      await until(() => pieces.reduce((sum, { length }) => sum + length, 0) === sent.length);

      assert.ok(Buffer.concat(pieces).equals(sent), 'other bytes came back');
    });

    it('behaviour: a reader that does not read holds its sender up', async () => {
      const piece = Buffer.alloc(64 * 1024);
      let sentBytes = 0;
      let more = true;
      while (more && sentBytes < 64 * MIB) {
        more = near.write(piece);
        sentBytes += piece.length;
        if (!more)
          more = await Promise.race([once(near, 'drain').then(() => true), quiet().then(() => false)]);
      }
      assert.ok(sentBytes < 8 * MIB, `${sentBytes} bytes were taken from the sender`);

      let read = 0;
      far.on('data', (bytes: Buffer) => {
        read += bytes.length;
      });
      await until(() => read === sentBytes);
    });

    it('behaviour: when one end is destroyed, so is the other', async () => {
      const closed = new Promise((resolve) => far.once('close', resolve));
      far.resume();

      near.destroy();

      await closed;
    });

    it('behaviour: a slow reader that takes piece by piece gets every byte', async () => {
      const sent = Buffer.from(Array.from({ length: 6 * MIB }, (_, i) => i % 241));
      near.end(sent);

      const pieces: Buffer[] = [];
      for await (const bytes of far) {
        pieces.push(bytes);
        await new Promise(setImmediate);
      }

      assert.ok(Buffer.concat(pieces).equals(sent), 'bytes were lost');
    });

    it('behaviour: two joined sockets are one', async () => {
      const [left, right] = createMemoryPair();
      const app = new StreamSocket(right);
      joinSockets(far, new StreamSocket(left));
      app.on('data', (bytes: Buffer) => app.end(bytes.toString().toUpperCase()));

      near.write('hello');
      const [answer] = await once(near, 'data');

      assert.equal(String(answer), 'HELLO');
    });
  });
}

/** So long that whatever is under way in this process has arrived. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
}

describe('message at the start of a raw stream', () => {
  const schema = z.strictObject({ port: z.number() });
  const limits = { maxBytes: 100, signal: new AbortController().signal };
  const pair = () => {
    const [near, far] = createMemoryPair();
    return [new StreamSocket(near), new StreamSocket(far)] as const;
  };

  it('default: what follows it stays unread', async () => {
    const [near, far] = pair();
    writeMessage(near, { port: 80 });
    near.write('GET /');

    assert.deepEqual(await readMessage(far, schema, limits), { port: 80 });
    const [rest] = await once(far, 'data');
    assert.equal(String(rest), 'GET /');
  });

  it('behaviour: it may come byte by byte', async () => {
    const source = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const [near, far] = pair();
    writeMessage(near, { port: 80 });
    const [bytes] = await once(far, 'data');
    for (const byte of bytes) setImmediate(() => source.push(Buffer.of(byte)));

    assert.deepEqual(await readMessage(source, schema, limits), { port: 80 });
  });

  it('error PEER_PROTOCOL: one that is too long, or says something else', async () => {
    const [near, far] = pair();
    near.write(Buffer.from([0xff, 0xff, 0xff, 0x7f]));
    await assert.rejects(readMessage(far, schema, limits), { code: 'PEER_PROTOCOL' });

    const [other, reader] = pair();
    writeMessage(other, { port: 80, more: 1 });
    await assert.rejects(readMessage(reader, schema, limits), { code: 'PEER_PROTOCOL' });
  });

  it('error PEER_LOST: the peer ends before it is whole', async () => {
    const [near, far] = pair();
    near.end(Buffer.from([9, 0]));

    await assert.rejects(readMessage(far, schema, limits), { code: 'PEER_LOST' });
  });

  it('behaviour: the signal ends the wait', async () => {
    const [, far] = pair();
    const ended = AbortSignal.abort(new Error('too late'));

    await assert.rejects(readMessage(far, schema, { ...limits, signal: ended }), /too late/);
  });
});

describe('raw streams of peers', () => {
  it('error AUTH_PEER_UNKNOWN: a peer that is not accepted gets none', async () => {
    const dialler = await startPeer({ listen: [] });
    const listener = await startPeer({ accept: () => false });
    let opened = 0;
    await listener.serveStreams(PROTOCOL, () => {
      opened += 1;
    });

    const stream = await dialler.openStream(addressOf(listener), PROTOCOL.id, 2_000).catch(() => undefined);
    if (stream !== undefined) {
      const socket = new StreamSocket(stream);
      socket.on('error', () => {});
      socket.resume();
      await until(() => socket.destroyed);
    }

    assert.equal(opened, 0);
    await stopAll(dialler, listener);
  });

  it('behaviour: a listener opens streams to a peer that dialled it, and has no address itself', async () => {
    const [worker, orchestrator] = [await startPeer({ listen: [] }), await startPeer()];
    const seen = Promise.withResolvers<string>();
    await worker.serveStreams(PROTOCOL, (stream, peerId, remoteHost) => {
      stream.abort(new Error('enough'));
      seen.resolve(`${peerId} ${remoteHost}`);
    });
    await worker.proveReachable(addressOf(orchestrator), 5_000);
    const kept = await worker.openStream(addressOf(orchestrator), '/rios/alive/1', 5_000);

    const to = { peerId: worker.peerId, addresses: [] };
    await orchestrator.openStream(to, PROTOCOL.id, 5_000);

    assert.equal(await seen.promise, `${orchestrator.peerId} 127.0.0.1`);
    kept.abort(new Error('enough'));
    await stopAll(worker, orchestrator);
  });
});
