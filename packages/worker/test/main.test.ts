import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseInvite } from '@rios/sdk/crypto/invite';
import { EXIT } from '@rios/sdk/errors/catalog';
import type { ErrorBody } from '@rios/sdk/errors/error';
import { workerFileSchema, workerStatusSchema } from '@rios/sdk/schema/worker-process';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { expect } from 'chai';
import type { ModelFiles } from '../src/runtime/engine.ts';
import { copyOfTinyModel, tinyModel } from './runtime/support/tiny-model.ts';
import { assignedModel, bundleHandlers } from './support/files-peer.ts';
import {
  type OrchestratorSettings,
  startOrchestrator,
  type TestOrchestrator,
} from './support/orchestrator.ts';
import { tempFolder } from './support/temp-folder.ts';
import { runWorker, type WorkerProcess } from './support/worker-process.ts';

describe('rios-worker', function () {
  this.timeout(60_000);

  /** Runs to the end; returns the error that it printed, and its exit code. */
  const failing = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const worker = runWorker(args, env);
    const { error } = await worker.event('error');
    return { error: error as ErrorBody, code: (await worker.ended).code };
  };

  it('error RUNTIME_NODE_UNSUPPORTED: an old Node and no other to hand over to', async () => {
    const old =
      'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } })';
    const preload = `--import=data:text/javascript,${encodeURIComponent(old)}`;
    const { error, code } = await failing(['start'], { NODE_OPTIONS: preload, RIOS_NODE_HANDED_OVER: '1' });
    expect([error.code, code]).to.deep.equal(['RUNTIME_NODE_UNSUPPORTED', EXIT.unsupportedRuntime]);
  });

  it('error USER_INVALID_REQUEST: an unknown command', async () => {
    const { error, code } = await failing(['dance']);
    expect([error.code, code]).to.deep.equal(['USER_INVALID_REQUEST', EXIT.usage]);
  });

  it('error AUTH_REQUIRED: neither an invite nor a membership, with the way in', async () => {
    const { error, code } = await failing(['start', '--data-dir', tempFolder()]);
    expect([error.code, code]).to.deep.equal(['AUTH_REQUIRED', EXIT.unauthenticated]);
    expect(error.hint).to.include('--join');
  });

  it('error AUTH_INVITE_INVALID: a damaged invite', async () => {
    const { error, code } = await failing(['start', '--data-dir', tempFolder(), '--join', 'rios1.garbage']);
    expect([error.code, code]).to.deep.equal(['AUTH_INVITE_INVALID', EXIT.forbidden]);
  });

  it('error CAPACITY_NO_GPU: says what was tried and what is missing (on a machine without one)', async function () {
    if (existsSync('/dev/nvidia0') || existsSync('/dev/dri')) return this.skip();

    const { error, code } = await failing(['probe', '--gpu']);

    expect([error.code, code]).to.deep.equal(['CAPACITY_NO_GPU', EXIT.capacity]);
    const details = error.details as { tried: { provider: string; reason: string }[]; missing: string[] };
    expect(details.tried.map(({ provider }) => provider)).to.include.members(['cuda', 'webgpu']);
    for (const { provider, reason } of details.tried) expect(reason, provider).to.have.length.greaterThan(10);
    expect(details.missing.join()).to.include('Vulkan');
  });

  it('error INTEGRITY_HASH: verify names the file with a changed byte', async () => {
    const model = await copyOfTinyModel();
    const path = join(model.directory, 'shards/head.bin');
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
    await writeFile(path, bytes);

    const { error, code } = await failing(['verify', model.directory]);

    expect([error.code, code]).to.deep.equal(['INTEGRITY_HASH', EXIT.integrity]);
  });

  it('default: verify runs the golden vectors', async () => {
    const worker = runWorker(['verify', (await tinyModel()).directory, '--json']);

    const verified = await worker.event('verified');

    expect(verified).to.include({ ok: true });
    expect((await worker.ended).code).to.equal(EXIT.ok);
  });
});

describe('rios-worker start', function () {
  this.timeout(60_000);
  const started: { stop(): Promise<void> }[] = [];
  afterEach(() => Promise.all(started.splice(0).map((each) => each.stop())));

  const orchestrate = async (settings: OrchestratorSettings = {}) => {
    const orchestrator = await startOrchestrator({ heartbeatMs: 100, ...settings });
    started.push(orchestrator);
    return orchestrator;
  };
  const run = (root: string, ...args: string[]): WorkerProcess => {
    const worker = runWorker(
      [
        'start',
        '--data-dir',
        root,
        '--name',
        'one',
        '--threads',
        '1',
        '--listen',
        '/ip4/127.0.0.1/tcp/0',
        ...args,
      ],
      {},
    );
    started.push({
      stop: async () => {
        worker.child.kill('SIGKILL');
        await worker.ended;
      },
    });
    return worker;
  };
  /** Starts a worker and lists it. */
  const list = async (orchestrator: TestOrchestrator, root: string, ...args: string[]) => {
    const hello = orchestrator.nextHello();
    const worker = run(root, ...args);
    await Promise.race([hello, worker.event('error')]);
    await orchestrator.assign([]);
    return { worker, ready: await worker.event('ready') };
  };

  it('default: joins by invite, is ready once listed, and leaves in order on SIGTERM', async () => {
    const drains: string[] = [];
    const orchestrator = await orchestrate({
      control: {
        [Method.drain]: async ({ peerId }) => {
          drains.push(peerId);
          return payload();
        },
      },
    });
    const root = tempFolder();
    const { worker, ready } = await list(orchestrator, root, '--join', orchestrator.invite);
    const file = workerFileSchema.parse(JSON.parse(await readFile(join(root, 'worker.json'), 'utf8')));

    worker.child.kill('SIGTERM');
    const beat = await orchestrator.reported(({ draining }) => draining);

    expect(ready).to.include({ name: 'one', dataDir: root, peerId: file.peerId });
    expect(file.pid).to.equal(worker.child.pid);
    expect(beat.draining).to.equal(true);
    expect(await worker.ended).to.deep.equal({ code: EXIT.ok, signal: null });
    expect(drains).to.deep.equal([file.peerId]);
    expect([existsSync(join(root, 'worker.json')), existsSync(join(root, 'control.sock'))]).to.deep.equal([
      false,
      false,
    ]);
    const [hello] = orchestrator.hellos;
    expect(hello?.offer.engine.provider).to.equal('cpu');
    expect(hello?.offer.readBytesPerSecond).to.be.greaterThan(1e8);
    expect(hello?.offer.expertMs).to.be.greaterThan(0);
    expect(await readFile(join(root, 'logs', 'worker.log'), 'utf8')).to.include('"msg":"draining"');
  });

  it('behaviour: what it writes is for its owner alone, whatever the umask; the secret of the invite is nowhere', async () => {
    const orchestrator = await orchestrate();
    const root = tempFolder();
    const { worker } = await list(orchestrator, root, '--join', orchestrator.invite);
    const entries = await readdir(root, { recursive: true, withFileTypes: true });

    const secret = Buffer.from(parseInvite(orchestrator.invite).secret);
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      expect((await stat(path)).mode & 0o077, path).to.equal(0);
      if (entry.isFile()) expect((await readFile(path)).includes(secret), path).to.equal(false);
    }
    expect(entries.map(({ name }) => name)).to.include.members([
      'identity.key',
      'worker.log',
      'control.sock',
    ]);
    worker.child.kill('SIGTERM');
    await worker.ended;
  });

  it('behaviour: a member starts again without an invite, as the same peer', async () => {
    const orchestrator = await orchestrate();
    const root = tempFolder();
    const first = await list(orchestrator, root, '--join', orchestrator.invite);
    first.worker.child.kill('SIGTERM');
    await first.worker.ended;

    const second = await list(orchestrator, root);

    expect(second.ready.peerId).to.equal(first.ready.peerId);
  });

  it('behaviour: the control socket tells the status, refuses nonsense, and drains', async () => {
    const orchestrator = await orchestrate();
    const root = tempFolder();
    const { worker } = await list(orchestrator, root, '--join', orchestrator.invite);

    const [status, nonsense, draining] = await converse(join(root, 'control.sock'), [
      '{"command":"status"}',
      '{"command":"explode"}',
      '{"command":"drain"}',
    ]);

    expect(workerStatusSchema.parse(status)).to.include({
      state: 'listed',
      orchestrator: orchestrator.identity.peerId,
    });
    expect(nonsense).to.have.nested.property('error.code', 'USER_INVALID_REQUEST');
    expect(draining).to.deep.equal({ draining: true });
    expect((await worker.ended).code).to.equal(EXIT.ok);
  });

  it('behaviour: a second signal ends it at once', async () => {
    const orchestrator = await orchestrate({ control: { [Method.drain]: () => new Promise(() => {}) } });
    const { worker } = await list(orchestrator, tempFolder(), '--join', orchestrator.invite);
    worker.child.kill('SIGTERM');
    await orchestrator.reported(({ draining }) => draining);

    worker.child.kill('SIGTERM');

    expect((await worker.ended).code).to.equal(EXIT.terminated);
  });

  it('error CONFLICT_IN_USE: two workers on one data directory; the first goes on', async () => {
    const orchestrator = await orchestrate();
    const root = tempFolder();
    const { worker } = await list(orchestrator, root, '--join', orchestrator.invite);

    const second = run(root);
    const { error } = await second.event('error');

    expect(error).to.include({ code: 'CONFLICT_IN_USE' });
    expect((error as ErrorBody).message).to.include(String(worker.child.pid));
    expect((await second.ended).code).to.equal(EXIT.conflict);
    expect(worker.child.exitCode).to.equal(null);
  });

  it('error AUTH_INVITE_FOREIGN: an invite of another network than the data directory’s', async () => {
    const [one, other] = [await orchestrate(), await orchestrate()];
    const root = tempFolder();
    const { worker } = await list(one, root, '--join', one.invite);
    worker.child.kill('SIGTERM');
    await worker.ended;

    const { error } = await run(root, '--join', other.invite).event('error');

    expect(error).to.include({ code: 'AUTH_INVITE_FOREIGN' });
  });

  it('behaviour: killed while it fetches and loads, it goes on from there when started again', async () => {
    const model = await tinyModel();
    const asked: string[] = [];
    const held: { at?: number } = { at: 20 };
    const blobs = holdingBack(model, asked, held);
    const orchestrator = await orchestrate({ blobs });
    const root = tempFolder();
    const parts = model.manifest.parts.map(({ id }) => id);
    const assign = async (peerId: string) =>
      orchestrator.assign([
        await assignedModel(model, parts, { fetchTicket: orchestrator.fetchTicket(peerId, model.modelHash) }),
      ]);
    const first = await list(orchestrator, root, '--join', orchestrator.invite);
    await assign(String(first.ready.peerId));
    await orchestrator.reported((beat) => beat.parts.some(({ state }) => state === 'fetching'));
    await orchestrator.reported(() => asked.length > 20);

    first.worker.child.kill('SIGKILL');
    await first.worker.ended;
    const before = asked.splice(0);
    delete held.at;
    const second = await list(orchestrator, root);
    await assign(String(second.ready.peerId));
    await orchestrator.reported((beat) =>
      parts.every((id) => beat.parts.some((p) => p.partId === id && p.state === 'ready')),
    );

    const wanted = new Set([model.modelHash, ...model.manifest.files.map(({ sha256 }) => sha256)]);
    expect(asked.length).to.be.at.most(wanted.size - before.length + 8);
    expect(asked).not.to.include(model.modelHash);
  });
});

/** The bundle's files, of which only the first `held.at` are given out while that is set. */
function holdingBack(model: ModelFiles, asked: string[], held: { at?: number }) {
  const handlers = bundleHandlers(model);
  const chunk = handlers[Method.chunk];
  if (chunk === undefined) throw new Error('no chunk handler');
  return {
    ...handlers,
    [Method.chunk]: (async (incoming, link) => {
      const { sha256 } = JSON.parse(new TextDecoder().decode(incoming.meta)) as { sha256: string };
      asked.push(sha256);
      if (held.at !== undefined && asked.length > held.at) return new Promise(() => {});
      return await chunk(incoming, link);
    }) satisfies typeof chunk,
  };
}

/** Sends lines to a socket one by one, each after the answer to the one before. */
async function converse(path: string, lines: readonly string[]): Promise<unknown[]> {
  const socket = connect(path);
  const answers: unknown[] = [];
  const reading = createInterface({ input: socket })[Symbol.asyncIterator]();
  for (const line of lines) {
    socket.write(`${line}\n`);
    const { value } = await reading.next();
    answers.push(JSON.parse(String(value)));
  }
  socket.destroy();
  return answers;
}
