import { RiosError } from '@rios/sdk/errors/error';
import { execRequestSchema, logsRequestSchema, type ObservedReplica } from '@rios/sdk/schema/container';
import type { DeploymentLog } from '@rios/sdk/schema/deployment';
import { createLink } from '@rios/sdk/wire/connect';
import type { Handlers, Link } from '@rios/sdk/wire/link';
import { createMemoryPair } from '@rios/sdk/wire/memory-pair';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { APP, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { expect } from 'chai';
import { anInvite, aWorker } from '../../../../../test/contract-suites/store-builders.ts';
import { listAuditAfter } from '../../../src/store/audit.ts';
import { deleteDeployment, findDeployment } from '../../../src/store/deployments.ts';
import { insertInvite } from '../../../src/store/invites.ts';
import { upsertMember } from '../../../src/store/members.ts';
import { deleteReplica } from '../../../src/store/replicas.ts';
import { claimWorker } from '../../../src/store/workers.ts';
import { until } from '../../p2p/until.ts';
import { expectError } from '../../support/expect-error.ts';
import { addReplica } from '../../support/seed-deployments.ts';
import { peerIdOf } from '../../support/seed-store.ts';
import { createDeploymentWorld, type DeploymentWorld } from './world.ts';

const [ONE, TWO] = [peerIdOf(1), peerIdOf(2)];

describe('what is inside containers', () => {
  let world: DeploymentWorld;
  let id: string;
  const links: Link[] = [];
  beforeEach(async () => {
    world = await createDeploymentWorld();
    await insertInvite(world.store, anInvite());
    await world.deploy('hello');
    id = (await findDeployment(world.store, 'hello'))?.id ?? '';
    await addReplica(world.store, id, { id: 'rep_one00000000', workerId: ONE });
    await addReplica(world.store, id, { id: 'rep_two00000000', workerId: TWO });
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.close()));
    await world.close();
  });

  /** Workers that answer on real links in memory; one that is not there cannot be reached. */
  const serve = (workers: Readonly<Record<string, Handlers>>) =>
    world.setLink(async (workerId) => {
      const handlers = workers[workerId];
      if (handlers === undefined) throw new RiosError('PEER_UNREACHABLE', 'it is away');
      const [near, far] = createMemoryPair();
      const link = createLink(near, { protocol: APP, peerId: workerId, dialler: true, handlers: {} });
      createLink(far, { protocol: APP, peerId: 'self', dialler: false, handlers });
      links.push(link);
      return link;
    });

  const writes = (...lines: [number, string][]): Handlers => ({
    [Method.logs]: async ({ meta, part }) => {
      const { tailLines, sinceAt } = decodeMeta(logsRequestSchema, meta);
      const wanted = lines.filter(([at]) => sinceAt === null || at >= sinceAt).slice(-tailLines);
      for (const [at, text] of wanted) await part(payload({ stream: 'stdout', at }, Buffer.from(text)));
      return payload();
    },
  });
  const logs = (query: object = {}) => world.call('deploymentLogs', { params: { name: 'hello' }, query });
  const texts = async (answer: unknown) =>
    ((await world.events(answer)) as DeploymentLog[]).map(({ text }) => text);

  it('default: what all its containers wrote, in the order of time', async () => {
    serve({ [ONE]: writes([1, 'a'], [4, 'd']), [TWO]: writes([2, 'b'], [3, 'c']) });

    expect(await texts(await logs())).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(await texts(await logs({ since: 3 }))).to.deep.equal(['c', 'd']);
    expect(await texts(await logs({ tail: 1 }))).to.deep.equal(['c', 'd']);
    expect(await texts(await logs({ replica: 'rep_two00000000' }))).to.deep.equal(['b', 'c']);
  });

  it('behaviour: a worker that is away leaves the others’ logs as they are; when all are, that is the error', async () => {
    serve({ [TWO]: writes([2, 'b']) });

    expect(await texts(await logs())).to.deep.equal(['b']);
    const alone = await logs({ replica: 'rep_one00000000' });
    await expectError(world.events(alone), 'PEER_UNREACHABLE');
    await expectError(world.events(await logs({ replica: 'rep_other0000000' })), 'NOT_FOUND');
  });

  it('behaviour: follows what is written, of containers that come later too, until the deployment is gone', async () => {
    const wanted = new Map<string, (text: string) => Promise<void>>();
    const follows = (name: string): Handlers => ({
      [Method.logs]: ({ part, signal }) =>
        new Promise((resolve) => {
          let at = 0;
          wanted.set(name, (text) => part(payload({ stream: 'stderr', at: ++at }, Buffer.from(text))));
          signal.addEventListener('abort', () => resolve(payload()));
        }),
    });
    serve({ [ONE]: follows('one'), [TWO]: follows('two') });
    await deleteReplica(world.store, 'rep_two00000000');
    const sent: DeploymentLog[] = [];
    const answer = (await logs({ follow: true })) as {
      run: (send: (line: DeploymentLog) => Promise<void>) => Promise<void>;
    };
    const over = answer.run(async (line) => {
      sent.push(line);
    });
    const heard = (text: string) =>
      until(`${text} is heard`, async () => sent.some((line) => line.text === text));

    await until('one is followed', async () => wanted.has('one'));
    await wanted.get('one')?.('first');
    await heard('first');
    await addReplica(world.store, id, { id: 'rep_two00000000', workerId: TWO });
    await until('two is followed', async () => {
      world.clock.advance(1_000);
      return wanted.has('two');
    });
    await wanted.get('two')?.('second');
    await heard('second');
    await world.store.deleteFrom('replicas').execute();
    await deleteDeployment(world.store, id);
    await until('it ends', async () => {
      world.clock.advance(1_000);
      return Promise.race([
        over.then(() => true),
        new Promise<false>((resolve) => setImmediate(() => resolve(false))),
      ]);
    });
    expect(sent.map(({ text, replica }) => [text, replica])).to.deep.equal([
      ['first', 'rep_one00000000'],
      ['second', 'rep_two00000000'],
    ]);
  });

  const runs: Handlers = {
    [Method.exec]: async ({ meta, body, part }) => {
      const { command, replicaId } = decodeMeta(execRequestSchema, meta);
      await part(payload({ stream: 'stdout', at: 1 }, body));
      await part(payload({ stream: 'stderr', at: 1 }, Buffer.from(`${replicaId} ${command.join(' ')}`)));
      if (command[0] === 'flood') {
        for (let count = 0; count < 5; count++)
          await part(payload({ stream: 'stdout', at: 1 }, Buffer.alloc(1024 ** 2)));
      }
      return payload({ exitCode: 3 });
    },
  };
  /** What a worker last said of a container. */
  const observe = async (workerId: string, id: string, state: ObservedReplica['state']) => {
    const replica = { id, attempt: 1, state, sandbox: 'standard' as const, error: null, exitCode: null };
    const rest = { tail: '', startedAt: 1, cpuPercent: null, memoryBytes: null };
    await upsertMember(world.store, { peerId: workerId, inviteId: anInvite().id, joinedAt: 1 });
    const containers = { generation: 1, replicas: [{ ...replica, ...rest }] };
    await claimWorker(world.store, { ...aWorker(workerId), containers }, 'self');
  };
  const exec = (body: object) => world.call('execInDeployment', { params: { name: 'hello' }, body });

  it('default: a command runs in a healthy container; its output is any bytes; the audit log names no command', async () => {
    serve({ [ONE]: runs, [TWO]: runs });
    await observe(ONE, 'rep_one00000000', 'unhealthy');
    await observe(TWO, 'rep_two00000000', 'healthy');
    const stdin = Buffer.from([0, 255, 1]).toString('base64');

    const result = await exec({ command: ['cat', 'secret-file'], stdin });
    expect(result).to.deep.equal({
      replica: 'rep_two00000000',
      exitCode: 3,
      stdout: stdin,
      stderr: Buffer.from('rep_two00000000 cat secret-file').toString('base64'),
      truncated: false,
    });
    const audit = await listAuditAfter(world.store, 0, 99);
    expect(audit.at(-1)).to.include({ action: 'deployment.exec', subject: 'hello' });
    expect(JSON.stringify(audit)).to.not.contain('secret-file');
  });
  it('behaviour: the first 4 MiB of each output are kept, and that it is cut is said', async () => {
    serve({ [ONE]: runs });
    const result = (await exec({ command: ['flood'], replica: 'rep_one00000000' })) as {
      stdout: string;
      truncated: boolean;
    };

    expect(Buffer.from(result.stdout, 'base64')).to.have.length(4 * 1024 ** 2);
    expect(result.truncated).to.equal(true);
  });

  it('error CAPACITY_NO_PLACEMENT: none of its containers runs; NOT_FOUND: a container of something else', async () => {
    await expectError(exec({ command: ['id'] }), 'CAPACITY_NO_PLACEMENT');
    await expectError(exec({ command: ['id'], replica: 'rep_other0000000' }), 'NOT_FOUND');
    await expectError(exec({ command: ['id'], stdin: '***' }), 'USER_INVALID_REQUEST');
  });
});
