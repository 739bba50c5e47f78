import { randomBytes, randomUUID } from 'node:crypto';
import { systemClock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { type Log, silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { describeWithServer } from '../../../../../test/contract-suites/with-server.ts';
import { createSecretBox } from '../../../src/auth/secret-box.ts';
import { createMasterKeys } from '../../../src/crypto/master-keys.ts';
import type { Queue } from '../../../src/queue/queue.ts';
import { createRabbitQueue } from '../../../src/queue/rabbit-queue.ts';
import { createStoreQueue } from '../../../src/queue/store-queue.ts';
import type { Mail, Mailer } from '../../../src/services/users/mailer.ts';
import { mails } from '../../../src/services/users/mails.ts';
import { createPost, MAIL_TOPIC } from '../../../src/services/users/post.ts';
import { createSmtpMailer } from '../../../src/services/users/smtp-mailer.ts';
import { createStore, type Store } from '../../../src/store/store.ts';
import { until } from '../../p2p/until.ts';
import { expectError } from '../../support/expect-error.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres-database.ts';

const TOKEN = `riosm_${randomBytes(32).toString('base64url')}`;
const MAIL = mails.verify('ada@example.org', TOKEN);
const QUICK = { concurrency: 2, maxAttempts: 3, backoffMs: () => 20 };

describe('post over the queue', () => {
  describe('in a store of SQLite', () => {
    let store: Store;
    describePost(async (log) => {
      store = await createStore({ file: ':memory:' });
      return createStoreQueue({ store, clock: systemClock, log });
    });
    afterEach(() => store.destroy());
  });

  describeWithServer('PostgreSQL', (serverUrl) => {
    let database: TestDatabase;
    let store: Store;
    describePost(async (log) => {
      database = await createTestDatabase(serverUrl);
      store = await createStore({ url: database.url });
      return createStoreQueue({ store, clock: systemClock, log });
    });
    afterEach(async () => {
      await store.destroy();
      await database.drop();
    });
  });

  describeWithServer('RabbitMQ', (url) => {
    describePost(async (log) =>
      createRabbitQueue({ url, prefix: `test-${randomUUID()}` }, { clock: systemClock, log }),
    );
  });
});

function describePost(open: (log: Log) => Promise<Queue>): void {
  const secrets = createSecretBox(async () => createMasterKeys([Buffer.alloc(32, 7)]));
  let logged: string[];
  let log: Log;
  let queue: Queue;
  beforeEach(async () => {
    logged = [];
    log = createKeptLog(logged);
    queue = await open(log);
  });
  // before the store of the queue is closed
  afterEach(() => queue.stop());
  const postBy = (mailer: Mailer) => createPost({ queue, secrets, mailer, log }, QUICK);

  it('default: a mail is delivered, and nobody who sees the queue can read it', async () => {
    const got: Mail[] = [];
    const bodies: string[] = [];
    const post = createPost(
      {
        queue: {
          ...queue,
          publish: (topic, body, delayMs) => {
            bodies.push(body);
            return queue.publish(topic, body, delayMs);
          },
        },
        secrets,
        mailer: { send: async (mail) => void got.push(mail) },
        log,
      },
      QUICK,
    );
    await post.start();
    await post.post(MAIL);
    await post.post(null);
    await post.post(mails.changed('bob@example.org'));

    await until('both are delivered', () => got.length === 2);
    expect(got).to.have.deep.members([MAIL, mails.changed('bob@example.org')]);
    expect(bodies).to.have.length(3);
    expect(bodies.join()).to.not.match(/riosm_|example|RiOS/);
    await post.stop();
  });

  it('behaviour: a mail whose delivery fails is tried again', async () => {
    const tries: Mail[] = [];
    const send = async (mail: Mail) => {
      tries.push(mail);
      if (tries.length < 3) throw new Error('no such mailbox');
    };
    const post = postBy({ send });
    await post.start();
    await post.post(MAIL);

    await until('it was tried three times', () => tries.length === 3);
    expect(tries).to.deep.equal([MAIL, MAIL, MAIL]);
    await post.stop();
    expect(await queue.listDead(MAIL_TOPIC, 9)).to.deep.equal([]);
  });

  it('behaviour: a mail posted while nobody delivers waits for the next who does', async () => {
    await postBy({ send: () => Promise.reject(new Error('not this one')) }).post(MAIL);
    const got: Mail[] = [];
    const other = postBy({ send: async (mail) => void got.push(mail) });
    await other.start();

    await until('it is delivered', () => got.length === 1);
    await other.stop();
  });

  it('behaviour: after the last attempt it is a dead letter, and no log or letter tells the token', async () => {
    const post = postBy(createSmtpMailer('smtp://127.0.0.1:1', 'rios@example.net'));
    await post.start();
    await post.post(MAIL);

    const [dead] = await until('it is dead', async () => {
      const found = await queue.listDead(MAIL_TOPIC, 9);
      return found.length > 0 ? found : undefined;
    });
    expect(dead).to.include({ attempts: 3, reason: 'the mail server did not take the mail' });
    expect(dead?.body).to.not.include('riosm_');
    await post.stop();
    expect(logged.length).to.be.greaterThan(2);
    expect(logged.join('\n')).to.not.include(TOKEN).and.not.include('ada@example.org');
  });

  it('behaviour: a letter that cannot be opened is no mail', async () => {
    let sent = 0;
    const post = postBy({ send: async () => void sent++ });
    await post.start();
    await queue.publish(MAIL_TOPIC, JSON.stringify(MAIL));

    const [dead] = await until('it is dead', async () => {
      const found = await queue.listDead(MAIL_TOPIC, 9);
      return found.length > 0 ? found : undefined;
    });
    expect(dead?.reason).to.include('cannot be opened');
    expect(sent).to.equal(0);
    await post.stop();
  });
}

describe('post without a queue', () => {
  const secrets = createSecretBox(async () => createMasterKeys([Buffer.alloc(32, 7)]));
  const away: Queue['publish'] = () =>
    Promise.reject(new RiosError('SERVICE_UNAVAILABLE', 'RabbitMQ cannot be reached'));
  const mailer = { send: async () => {} };

  it('behaviour: who needs the mail is told; news of what was done stands', async () => {
    const logged: string[] = [];
    const queue = { publish: away, consume: async () => async () => {} };
    const post = createPost({ queue, secrets, mailer, log: createKeptLog(logged) });

    await post.notify(MAIL);
    expect(logged.join()).to.include('a mail was not queued').and.not.include(TOKEN);
    await expectError(post.post(MAIL), 'SERVICE_UNAVAILABLE');
  });
});

function createKeptLog(lines: string[]): Log {
  const keep = (message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return {
    ...silentLog,
    debug: keep,
    info: keep,
    warn: keep,
    error: keep,
    child: () => createKeptLog(lines),
  };
}
