import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, createClient } from '@rios/sdk/api/client';
import { toRiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { type CuttingProxy, createCuttingProxy } from '../contract-suites/cutting-proxy.ts';
import { describeWithServer } from '../contract-suites/with-server.ts';
import { type LineProcess, startProcess } from '../support/line-process.ts';
import { RIOS_ORCHESTRATOR } from '../support/rios.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const MANY = ['--rate-burst', '100000', '--rate-per-second', '100000'];

/** Whatever else this run was given. */
const NO_SERVERS = { DATABASE_URL: '', REDIS_URL: '', AMQP_URL: '' };

/** A real orchestrator, told of its servers as an operator does. */
interface Served {
  readonly client: Client;
  readonly apiUrl: string;
  readonly token: string;
  readonly process: LineProcess;
  stop(): Promise<void>;
}

async function serve(env: NodeJS.ProcessEnv): Promise<Served> {
  const folder = await createTempFolder();
  const ports = ['--api-port', '0', '--listen', '/ip4/127.0.0.1/tcp/0'];
  const args = ['start', '--data-dir', join(folder, 'data'), ...ports, ...MANY];
  const process = startProcess(RIOS_ORCHESTRATOR, args, { env: { ...NO_SERVERS, ...env } });
  const stop = async () => {
    await process.stop();
    await removeFolder(folder);
  };
  try {
    const ready = await process.waitFor('ready');
    const apiUrl = String(ready.apiUrl);
    const token = (await readFile(String(ready.tokenFile), 'utf8')).trim();
    return { client: createClient({ apiUrl, token }), apiUrl, token, process, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => toRiosError(error).code,
  );

/** Still the process that was started, and it still serves. */
async function expectAlive({ process, client }: Served): Promise<void> {
  expect(await codeOf(client.health({}))).to.equal('ok');
  expect(await Promise.race([process.whenExited, 'runs'])).to.equal('runs');
}

describe('servers that go away in mid-request, under a real orchestrator', function () {
  this.timeout(60_000);
  let served: Served;
  let proxy: CuttingProxy;
  afterEach(async () => {
    await served?.stop();
    await proxy?.stop();
  });

  describeWithServer('PostgreSQL', (serverUrl) => {
    let database: TestDatabase;
    beforeEach(async () => {
      database = await createTestDatabase(serverUrl);
      proxy = await createCuttingProxy(database.url);
      served = await serve({ DATABASE_URL: proxy.url });
    });
    afterEach(() => database.drop());

    it('error SERVICE_UNAVAILABLE: retryable while it is away; then it goes on by itself, and nothing is half done', async () => {
      const { client } = served;
      const create = (key: string) =>
        client.createInvite({ body: { ttlMs: 600_000, maxUses: 1 }, idempotencyKey: key });
      const given: string[] = [];
      const codes: string[] = [];
      let cutting: Promise<void> | undefined;
      const caller = async () => {
        for (let made = 0; made < 15; made++) {
          codes.push(await codeOf(create(randomUUID()).then(({ view }) => given.push(view.id))));
          if (given.length >= 20) cutting ??= proxy.cut();
        }
      };
      await Promise.all(Array.from({ length: 10 }, caller));
      await cutting;

      expect(new Set(codes)).to.deep.equal(new Set(['ok', 'SERVICE_UNAVAILABLE']));
      const answer = await fetch(`${served.apiUrl}/v1/invites`, {
        headers: { authorization: `Bearer ${served.token}` },
      });
      expect(answer.status).to.equal(503);
      const { error } = (await answer.json()) as { error: Record<string, unknown> };
      expect(error).to.include({ code: 'SERVICE_UNAVAILABLE', retryable: true });
      expect(JSON.stringify(error)).to.not.contain(new URL(database.url).password || 'postgres://');
      await expectAlive(served);

      await proxy.mend();
      const { invites } = await until('it is back', () => client.listInvites({}));
      await expectAlive(served);
      const { entries } = await client.listAudit({ query: { before: 1e9, limit: 500 } });
      const audited = entries
        .filter(({ action }) => action === 'invite.create')
        .map(({ subject }) => subject);
      expect(audited.toSorted(), 'an invite and its entry come together').to.deep.equal(
        invites.map(({ id }) => id).toSorted(),
      );
      expect(invites.map(({ id }) => id)).to.include.members(given);
      expect(await client.verifyAudit({})).to.include({ ok: true });
    });

    it('behaviour: who listens to events meanwhile hears what comes when it is back', async () => {
      const { client, apiUrl, token } = served;
      const note = (kind: string) =>
        database.run(`INSERT INTO events (at, kind, subject, message) VALUES (1, '${kind}', 'x', 'y')`);
      const gone = new AbortController();
      const { body } = await fetch(`${apiUrl}/v1/events?after=0`, {
        headers: { authorization: `Bearer ${token}` },
        signal: gone.signal,
      });
      let heard = '';
      const decoder = new TextDecoder();
      const stream = body?.values();
      const hear = async (text: string) => {
        while (!heard.includes(text)) {
          const { value, done } = (await stream?.next()) ?? { value: undefined, done: true };
          if (done) return;
          heard += decoder.decode(value);
        }
      };

      await note('test.before');
      await hear('test.before');
      await proxy.cut();
      expect(await codeOf(client.listInvites({}))).to.equal('SERVICE_UNAVAILABLE');
      await proxy.mend();
      await until('it is back', () => client.listInvites({}));
      await note('test.back');
      await hear('test.back');
      expect(heard).to.contain('"kind":"test.back"').and.not.contain('"error"');
      gone.abort();
    });

    it('error SERVICE_UNAVAILABLE: logging in and signing up say so too, and work again after', async () => {
      const { client } = served;
      const person = { email: 'ada@example.org', password: 'violet tundra 42 kettle' };
      await client.signUp({ body: { ...person, displayName: 'Ada' } });
      await proxy.cut();

      expect(await codeOf(client.login({ body: { ...person, client: 'test' } }))).to.equal(
        'SERVICE_UNAVAILABLE',
      );
      expect(await codeOf(client.requestReset({ body: { email: person.email } }))).to.equal(
        'SERVICE_UNAVAILABLE',
      );
      await proxy.mend();
      const wrong = () => codeOf(client.login({ body: { ...person, client: 'test' } }));
      const code = await until('it is back', async () => {
        const seen = await wrong();
        return seen === 'SERVICE_UNAVAILABLE' ? undefined : seen;
      });
      expect(code).to.equal('AUTH_LOGIN_FAILED');
    });
  });

  describeWithServer('Redis', (serverUrl) => {
    beforeEach(async () => {
      proxy = await createCuttingProxy(serverUrl);
      served = await serve({ REDIS_URL: proxy.url });
    });

    it('error SERVICE_UNAVAILABLE: nothing goes through uncounted while it is away; then it goes on by itself', async () => {
      const { client } = served;
      const calls = Array.from({ length: 200 }, () => codeOf(client.listInvites({})));
      await calls[0];
      await proxy.cut();
      const codes = new Set(await Promise.all(calls));

      codes.delete('SERVICE_UNAVAILABLE');
      expect([...codes]).to.deep.equal(['ok']);
      expect(await codeOf(client.listInvites({}))).to.equal('SERVICE_UNAVAILABLE');
      expect(await codeOf(client.createInvite({ body: {} as never }))).to.equal('SERVICE_UNAVAILABLE');
      await expectAlive(served);

      await proxy.mend();
      const { invites } = await until('it is back', () => client.listInvites({}));
      expect(invites, 'what was refused was not done').to.deep.equal([]);
      await expectAlive(served);
    });
  });

  describeWithServer('RabbitMQ', (serverUrl) => {
    beforeEach(async () => {
      proxy = await createCuttingProxy(serverUrl);
      served = await serve({ AMQP_URL: proxy.url });
    });

    it('behaviour: calls are answered or refused retryably while it is away; then it goes on by itself', async () => {
      const { client } = served;
      await client.createInvite({ body: {} as never });
      await proxy.cut();
      const code = await codeOf(client.createInvite({ body: {} as never }));

      expect(code).to.be.oneOf(['ok', 'SERVICE_UNAVAILABLE']);
      await expectAlive(served);
      await proxy.mend();
      await until('it is back', () => client.createInvite({ body: {} as never }));
      await expectAlive(served);
    });
  });
});
