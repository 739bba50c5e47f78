import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../../src/crypto/hash.ts';
import { createIdentity } from '../../src/crypto/identity.ts';
import { createNetworkKey, issueCertificate } from '../../src/crypto/network.ts';
import { issueTicket, verifyTicket } from '../../src/crypto/ticket.ts';
import { freeDiskBytes } from '../../src/disk.ts';
import { RiosError } from '../../src/errors/error.ts';
import { type FetchFileOptions, type FileSource, fetchFile, peerSources } from '../../src/p2p/fetch-file.ts';
import type { Peer } from '../../src/p2p/peer.ts';
import { createChunkHandler } from '../../src/p2p/serve-file.ts';
import { CHUNK_BYTES, type ManifestFile } from '../../src/schema/manifest.ts';
import type { Handlers } from '../../src/wire/link.ts';
import { holdingsReplySchema } from '../../src/wire/messages.ts';
import { decodeMeta } from '../../src/wire/meta.ts';
import { BLOB, Method } from '../../src/wire/methods.ts';
import { payload } from '../../src/wire/payload.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { addressOf, startPeer } from './start-peer.ts';

const modelHash = 'a'.repeat(64);
const network = createNetworkKey();
const orchestrator = createIdentity();

function describeFile(bytes: Uint8Array): ManifestFile {
  const chunks: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    chunks.push(sha256Of(bytes.subarray(at, at + CHUNK_BYTES)));
  return { path: 'shards/embed.bin', sizeBytes: bytes.length, sha256: sha256Of(bytes), chunks };
}

function ticketFor(holder: string, model = modelHash) {
  const now = Date.now();
  const fields = {
    networkId: network.networkId,
    purpose: 'fetch' as const,
    holder,
    audience: null,
    requestId: 'ftc_0123456789abc',
    modelHash: model,
    parts: [],
    maxUnits: 0,
    expiresAt: now + 60_000,
  };
  const certificate = issueCertificate(network, orchestrator.peerId, now, 60_000);
  return issueTicket(orchestrator, certificate, fields, now);
}

describe('fetch file', () => {
  const bytes = new Uint8Array(randomBytes(2 * CHUNK_BYTES + 1_234_567));
  const file = describeFile(bytes);
  let folder: string;
  let destination: string;
  let reader: Peer;
  let peers: Peer[];

  beforeEach(async () => {
    folder = tempFolder();
    destination = join(folder, 'models', modelHash, file.path);
    await writeFile(join(folder, 'source.bin'), bytes);
    reader = await startPeer({ listen: [] });
    peers = [reader];
  });
  afterEach(async () => {
    await Promise.all(peers.map((peer) => peer.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  /** Real handlers over the file as it stands in the folder. */
  const goodHandlers = (self: Peer): Handlers =>
    createChunkHandler({
      authorise: (ticket, model, holder) => {
        const check = { networkPublicKey: network.publicKey, self: self.peerId, holder, now: Date.now() };
        const { modelHash: allowed } = verifyTicket(ticket, { ...check, purpose: 'fetch' });
        if (allowed !== model) throw new RiosError('AUTH_TICKET_INVALID', 'for another model');
      },
      openFile: async (sha256, model) =>
        sha256 === file.sha256 && model === modelHash
          ? { path: join(folder, 'source.bin'), sizeBytes: file.sizeBytes }
          : undefined,
      listFiles: async (model) => (model === modelHash ? [file.sha256] : []),
    });

  const serve = async (change: (good: Handlers, self: Peer) => Handlers = (good) => good) => {
    const peer = await startPeer();
    peers.push(peer);
    await peer.serve(BLOB, change(goodHandlers(peer), peer));
    return addressOf(peer);
  };

  const options = (
    sources: readonly FileSource[],
    changes: Partial<FetchFileOptions> = {},
  ): FetchFileOptions => ({
    file,
    modelHash,
    ticket: ticketFor(reader.peerId),
    sources,
    destination,
    ...changes,
  });
  const from = async (...sources: Awaited<ReturnType<typeof serve>>[]) => peerSources(reader, sources);
  const assertFetched = async () => {
    assert.ok((await readFile(destination)).equals(bytes), 'the bytes differ');
    assert.deepEqual(await readdir(join(destination, '..')), ['embed.bin'], 'nothing else is left');
  };

  it('default: the file arrives whole, with its bytes counted, and nothing else is left behind', async () => {
    const counted: number[] = [];

    await fetchFile(options(await from(await serve()), { onBytes: (count) => counted.push(count) }));

    await assertFetched();
    assert.equal(
      counted.reduce((sum, count) => sum + count, 0),
      file.sizeBytes,
    );
  });

  it('behaviour: an empty file, and one of exactly one chunk', async () => {
    for (const size of [0, CHUNK_BYTES]) {
      const small = bytes.subarray(0, size);
      await writeFile(join(folder, 'source.bin'), small);
      const described = describeFile(small);
      const source = await serve((_, self) =>
        createChunkHandler({
          authorise: () => {},
          openFile: async () => ({ path: join(folder, 'source.bin'), sizeBytes: size }),
          listFiles: async () => [self.peerId],
        }),
      );
      const target = join(folder, `out-${size}`);

      await fetchFile(options(await from(source), { file: described, destination: target }));

      assert.ok((await readFile(target)).equals(small), `${size} bytes`);
    }
  });

  it('behaviour: several sources share the work', async () => {
    const asked = new Set<string>();
    const gate = Promise.withResolvers<void>();
    const counting = (good: Handlers, self: Peer): Handlers => ({
      [Method.chunk]: async (incoming, link) => {
        asked.add(self.peerId);
        if (asked.size === 2) gate.resolve();
        await gate.promise;
        return (await good[Method.chunk]?.(incoming, link)) ?? payload();
      },
    });

    await fetchFile(options(await from(await serve(counting), await serve(counting))));

    await assertFetched();
    assert.equal(asked.size, 2);
  });

  it('behaviour: a source with a wrong chunk is asked no more; the others give the file', async () => {
    let lies = 0;
    const liar = await serve(() => ({
      [Method.chunk]: async () => {
        lies++;
        return payload(undefined, new Uint8Array(CHUNK_BYTES));
      },
    }));
    const honest = await serve();

    await fetchFile(options(await from(liar, honest)));

    await assertFetched();
    assert.ok(lies >= 1 && lies <= 4, `${lies} lies were heard`);
  });

  it('error INTEGRITY_HASH: only a liar is left; nothing wrong was written', async () => {
    const liar = await serve(() => ({
      [Method.chunk]: async () => payload(undefined, bytes.slice(0, 99)),
    }));

    await assert.rejects(fetchFile(options(await from(liar))), { code: 'INTEGRITY_HASH' });

    await assert.rejects(stat(destination), { code: 'ENOENT' });
    assert.equal((await stat(`${destination}.part`)).size, 0);
  });

  it('error NOT_FOUND_BLOB: nobody has it', async () => {
    const poor = await serve((good) => ({ ...good, [Method.chunk]: missing }));
    await assert.rejects(
      fetchFile(options(await from(poor, await serve(() => ({ [Method.chunk]: missing }))))),
      {
        code: 'NOT_FOUND_BLOB',
      },
    );
  });
  const missing = async () => {
    throw new RiosError('NOT_FOUND_BLOB', 'not here');
  };

  it('error AUTH_TICKET_INVALID: a ticket of another holder, or for another model', async () => {
    const source = await serve();
    const sources = await from(source);
    const tickets = [ticketFor(createIdentity().peerId), ticketFor(reader.peerId, 'b'.repeat(64))];
    for (const ticket of tickets) {
      await assert.rejects(fetchFile(options(sources, { ticket })), { code: 'AUTH_TICKET_INVALID' });
    }
  });

  it('error PEER_UNREACHABLE: nobody answers, or nobody was named', async () => {
    const absent = { peerId: createIdentity().peerId, addresses: ['/ip4/127.0.0.1/tcp/1'] };
    await assert.rejects(fetchFile(options(await from(absent))), { code: 'PEER_UNREACHABLE' });
    await assert.rejects(fetchFile(options([])), { code: 'PEER_UNREACHABLE' });
  });

  it('error INTEGRITY_HASH: a manifest that contradicts itself', async () => {
    const sources = await from(await serve());
    const [first = ''] = file.chunks;
    const wrong = [
      { ...file, chunks: file.chunks.slice(1) },
      { ...file, sizeBytes: 5, chunks: [first] },
    ];
    for (const described of wrong)
      await assert.rejects(fetchFile(options(sources, { file: described })), { code: 'INTEGRITY_HASH' });
  });

  it('behaviour: after a cut it goes on where it was, and asks only for the rest', async () => {
    let asked = 0;
    const stuck = await serve((good) => ({
      [Method.chunk]: async (incoming, link) =>
        ++asked > 2
          ? await new Promise(() => {})
          : ((await good[Method.chunk]?.(incoming, link)) ?? payload()),
    }));
    const caller = new AbortController();
    let certain = 0;
    const onBytes = (count: number) => {
      certain += count;
      if (asked === 3 && certain >= CHUNK_BYTES * 1.2) caller.abort();
    };
    const first = fetchFile(options(await from(stuck), { signal: caller.signal, onBytes }));
    await assert.rejects(first, { code: 'USER_INTERRUPTED' });
    await assert.rejects(stat(destination), { code: 'ENOENT' });

    const counted: number[] = [];
    let askedAgain = 0;
    const fresh = await serve((good) => ({
      [Method.chunk]: async (incoming, link) => {
        askedAgain++;
        return (await good[Method.chunk]?.(incoming, link)) ?? payload();
      },
    }));
    await fetchFile(options(await from(fresh), { onBytes: (count) => counted.push(count) }));

    await assertFetched();
    assert.equal(askedAgain, 1);
    assert.equal(counted[0], certain, 'what was there counts at once');
  });

  it('behaviour: a source that dies is replaced by the others', async () => {
    const dying = await serve((good, self) => ({
      [Method.chunk]: async (incoming, link) => {
        void self.stop();
        return (await good[Method.chunk]?.(incoming, link)) ?? payload();
      },
    }));

    await fetchFile(options(await from(dying, await serve())));

    await assertFetched();
  });

  it('behaviour: what was left behind and has rotted is fetched again', async () => {
    const sources = await from(await serve());
    await mkdir(join(destination, '..'), { recursive: true });
    const rotten = Buffer.from(bytes);
    rotten[CHUNK_BYTES + 5] = (rotten[CHUNK_BYTES + 5] ?? 0) ^ 1;
    await writeFile(`${destination}.part`, rotten);
    await writeFile(`${destination}.part.map`, Uint8Array.of(1, 1, 1));
    const counted: number[] = [];

    await fetchFile(options(sources, { onBytes: (count) => counted.push(count) }));

    await assertFetched();
    assert.deepEqual(counted, [file.sizeBytes - CHUNK_BYTES, CHUNK_BYTES]);
  });

  it('behaviour: a destination that is there is left alone', async () => {
    const sources = await from(await serve());
    await fetchFile(options(sources));
    const before = await stat(destination);

    await fetchFile(options([]));

    assert.equal((await stat(destination)).mtimeMs, before.mtimeMs);
  });

  it('error USER_INTERRUPTED: the caller gives up', async () => {
    const silent = await serve(() => ({ [Method.chunk]: () => new Promise(() => {}) }));
    const caller = new AbortController();
    const fetching = fetchFile(options(await from(silent), { signal: caller.signal }));
    await new Promise(setImmediate);

    caller.abort();

    await assert.rejects(fetching, { code: 'USER_INTERRUPTED' });
  });

  it('error CAPACITY_DISK: too little space is said before anything is fetched', async () => {
    const count = Math.floor((await freeDiskBytes(folder)) / CHUNK_BYTES) + 1_000;
    const chunks = new Array<string>(count).fill(file.sha256);
    const huge = { ...file, sizeBytes: count * CHUNK_BYTES, chunks };

    await assert.rejects(fetchFile(options([], { file: huge })), { code: 'CAPACITY_DISK' });
  });

  it('error CAPACITY_DISK: the disk fills up while fetching; the rest comes when there is room', async function () {
    const disk = join(folder, 'small-disk');
    await mkdir(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk], { stdio: 'pipe' });
    } catch (error) {
      console.log(`      skipped: cannot mount a small disk (${String(error).split('\n')[0]})`);
      return this.skip();
    }
    try {
      const target = join(disk, 'embed.bin');
      const fill = join(disk, 'other.bin');
      let filled: Promise<void> | undefined;
      const source = await serve((good) => ({
        [Method.chunk]: async (incoming, link) => {
          filled ??= writeFile(fill, new Uint8Array(7 * 1024 * 1024));
          await filled;
          return (await good[Method.chunk]?.(incoming, link)) ?? payload();
        },
      }));

      const full = fetchFile(options(await from(source), { destination: target }));
      await assert.rejects(full, { code: 'CAPACITY_DISK' });
      await rm(fill);
      await fetchFile(options(await from(await serve()), { destination: target }));

      assert.ok((await readFile(target)).equals(bytes));
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  it('behaviour: who holds what can be asked, with a ticket', async () => {
    const link = await reader.connect(await serve(), BLOB);
    const ask = (ticket: unknown, model = modelHash) =>
      link.request(Method.holdings, payload({ modelHash: model, ticket }), { deadlineMs: 5_000 });

    const { meta } = await ask(ticketFor(reader.peerId));

    assert.deepEqual(decodeMeta(holdingsReplySchema, meta), { files: [file.sha256] });
    await assert.rejects(ask(ticketFor(orchestrator.peerId)), { code: 'AUTH_TICKET_INVALID' });
    await assert.rejects(ask({}), { code: 'PEER_PROTOCOL' });
  });

  it('error: a chunk beyond the end, and a file that is gone', async () => {
    const link = await reader.connect(await serve(), BLOB);
    const ask = (index: number, sha256 = file.sha256) => {
      const meta = { modelHash, sha256, index, ticket: ticketFor(reader.peerId) };
      return link.request(Method.chunk, payload(meta), { deadlineMs: 5_000 });
    };

    await assert.rejects(ask(3), { code: 'USER_INVALID_REQUEST' });
    await assert.rejects(ask(Number.MAX_SAFE_INTEGER), { code: 'USER_INVALID_REQUEST' });
    await assert.rejects(ask(0, 'c'.repeat(64)), { code: 'NOT_FOUND_BLOB' });
    await writeFile(join(folder, 'source.bin'), bytes.subarray(0, 10));
    await assert.rejects(ask(0), { code: 'NOT_FOUND_BLOB' });
    await rm(join(folder, 'source.bin'));
    await assert.rejects(ask(0), { code: 'NOT_FOUND_BLOB' });
  });
});
