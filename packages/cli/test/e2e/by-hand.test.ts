import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect } from 'chai';
import { eventually, processesWith } from '../support/processes.ts';
import { type CliResult, jsonOf, runCli, startCli, temporaryDirectory } from '../support/run-cli.ts';

/** Each step as an operator and a contributor take it, in separate processes. */
describe('by hand: orchestrator, invite, worker', function () {
  this.timeout(120_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    place = await temporaryDirectory();
  });
  afterEach(async () => {
    expect(await processesWith(place.path), 'processes left').to.deep.equal([]);
    await place.remove();
  });

  const env = () => ({ RIOS_HOME: place.path });
  const run = (...args: string[]): Promise<CliResult> => runCli([...args, '--json'], { env: env() });

  async function start(args: readonly string[], input = '') {
    const child = startCli([...args, '--json'], { env: env(), input });
    const lines = createInterface({ input: child.stdout as Readable });
    const [line] = await once(lines, 'line');
    return { child, event: JSON.parse(String(line)) as Record<string, unknown> };
  }

  const startOrchestrator = () =>
    start(['orchestrator', 'start', '--api-port', '0', '--listen', '/ip4/127.0.0.1/tcp/0']);

  const startWorker = (invite: string) =>
    start(['worker', 'start', '--join', '-', '--name', 'w1', '--listen', '/ip4/127.0.0.1/tcp/0'], invite);

  it('default', async () => {
    const orchestrator = await startOrchestrator();
    const { invite, view } = jsonOf<{ invite: string; view: { id: string } }>(
      await run('network', 'invite', 'create'),
    );
    const worker = await startWorker(invite);

    expect(worker.event).to.include({ event: 'ready', name: 'w1' });
    const { workers } = jsonOf<{ workers: { id: string; state: string }[] }>(await run('worker', 'list'));
    expect(workers.map(({ id, state }) => [id, state])).to.deep.equal([[worker.event.peerId, 'listed']]);
    const described = await run('worker', 'describe', String(worker.event.peerId));
    expect(jsonOf<{ offer: { name: string } }>(described).offer.name).to.equal('w1');
    expect(jsonOf(await run('worker', 'status'))).to.include({ name: 'w1', state: 'listed' });
    const { invites } = jsonOf<{ invites: { id: string; state: string; usedBy: string[] }[] }>(
      await run('network', 'invite', 'list'),
    );
    expect(invites[0]).to.deep.include({ id: view.id, state: 'used', usedBy: [worker.event.peerId] });
    expect((await run('worker', 'logs', '-n', '1')).stdout).to.match(/^\{.*\}\n$/);

    expect((await run('worker', 'stop')).code).to.equal(0);
    expect((await worker.child.done).code).to.equal(0);
    expect((await run('orchestrator', 'stop')).code).to.equal(0);
    expect((await orchestrator.child.done).code).to.equal(0);
    expect((await run('orchestrator', 'stop')).code).to.equal(5);
  });

  it('behaviour: starting writes the context `local`, with no secret in it', async () => {
    await writeFile(join(place.path, 'config.yaml'), '# kept\nfuture: 1\n');
    const { child, event } = await startOrchestrator();

    const text = await readFile(join(place.path, 'config.yaml'), 'utf8');
    const token = (await readFile(String(event.tokenFile), 'utf8')).trim();
    const shown = jsonOf(await run('context', 'show'));
    child.kill('SIGINT');
    const { code } = await child.done;

    expect(text).to.include('# kept').and.include('future: 1').and.include('local');
    expect(text).not.to.include(token);
    expect(shown).to.include({ contextName: 'local', apiUrl: event.apiUrl, hasToken: true });
    expect(code).to.equal(0);
  });

  it('behaviour: an invite never stands on a command line', async () => {
    const orchestrator = await startOrchestrator();
    const { invite } = jsonOf<{ invite: string }>(await run('network', 'invite', 'create'));
    const worker = await startWorker(invite);

    const seen = await processesWith(invite);
    worker.child.kill('SIGINT');
    await worker.child.done;
    orchestrator.child.kill('SIGTERM');
    await orchestrator.child.done;

    expect(seen).to.deep.equal([]);
  });

  it('error AUTH_INVITE_REVOKED: the worker ends with its code', async () => {
    const orchestrator = await startOrchestrator();
    const { invite, view } = jsonOf<{ invite: string; view: { id: string } }>(
      await run('network', 'invite', 'create'),
    );
    expect((await run('network', 'invite', 'revoke', view.id)).code).to.equal(0);

    const refused = await runCli(['worker', 'start', '--join', invite, '--json'], { env: env() });
    orchestrator.child.kill('SIGTERM');
    await orchestrator.child.done;

    expect(refused.code).to.equal(4);
    expect(jsonOf(refused).error.code).to.equal('AUTH_INVITE_REVOKED');
  });

  it('error CONFLICT_IN_USE: two orchestrators on one data directory', async () => {
    const { child } = await startOrchestrator();

    const second = await run('orchestrator', 'start', '--api-port', '0', '--listen', '/ip4/127.0.0.1/tcp/0');
    child.kill('SIGTERM');
    await child.done;

    expect(second.code).to.equal(6);
    expect(jsonOf(second).error.code).to.equal('CONFLICT_IN_USE');
  });

  it('behaviour: a killed rios takes its orchestrator with it', async () => {
    const { child } = await startOrchestrator();
    child.kill('SIGKILL');
    await child.done;

    await eventually(async () => (await processesWith(place.path)).length === 0);
  });
});
