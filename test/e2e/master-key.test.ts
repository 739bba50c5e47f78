import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyRotation } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import {
  planKeychain,
  type StopKeychain,
  startKeychain,
} from '../../packages/sdk/test/crypto/support/keychain-session.ts';
import { describeWithServer } from '../contract-suites/with-server.ts';
import { logIn, signUp } from '../support/account.ts';
import { type LineProcess, startProcess } from '../support/line-process.ts';
import { RIOS_ORCHESTRATOR, rios, riosJson } from '../support/rios.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';

const plan = await planKeychain();

describe('master key of real orchestrators', function () {
  this.timeout(120_000);
  let folder: string;
  const started: LineProcess[] = [];
  beforeEach(async () => {
    folder = await createTempFolder();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.stop()));
    await removeFolder(folder);
  });

  const dirOf = (name: string) => join(folder, name);
  const start = (name: string, env: NodeJS.ProcessEnv = {}, args: readonly string[] = []) => {
    const ports = ['--api-port', '0', '--listen', '/ip4/127.0.0.1/tcp/0'];
    const flags = ['start', '--data-dir', dirOf(name), ...ports, ...args];
    const process = startProcess(RIOS_ORCHESTRATOR, flags, { env });
    started.push(process);
    return process;
  };
  const apiOf = async (orchestrator: LineProcess) => String((await orchestrator.waitFor('ready')).apiUrl);
  const rotate = (name: string, env: NodeJS.ProcessEnv, args: readonly string[] = []) =>
    riosJson<KeyRotation>(['orchestrator', 'rotate-key', '--data-dir', dirOf(name), ...args], { env });

  describeKeychain(() => {
    it('option --master-key keychain: no key on the disk; it rotates, and outlives a restart', async () => {
      const env = { RIOS_ORCHESTRATOR_MASTER_KEY: 'keychain' };
      const first = start('kept', env);
      const apiUrl = await apiOf(first);
      await signUp(apiUrl, dirOf('kept'));
      await logIn(apiUrl);
      expect(first.log()).to.contain('"kind":"keychain"');
      const rotation = await rotate('kept', {}, ['--master-key', 'keychain']);
      expect(rotation).to.deep.include({ place: 'keychain', isNew: true, keys: 2 });
      await logIn(apiUrl);
      await first.kill('SIGKILL');

      const second = start('kept', {}, ['--master-key', 'keychain']);
      await logIn(await apiOf(second));
      expect(await readdir(dirOf('kept'))).to.not.include('master.key');
    });
  });

  describeWithServer('PostgreSQL', (serverUrl) => {
    let database: TestDatabase;
    let another: TestDatabase;
    before(async () => {
      database = await createTestDatabase(serverUrl);
      another = await createTestDatabase(serverUrl);
    });
    after(async () => {
      await database.drop();
      await another.drop();
    });
    const writeKey = async (name: string) => {
      const keys = [randomBytes(32).toString('base64url')];
      await writeFile(join(folder, name), JSON.stringify({ format: 'rios-master-key/1', keys }), {
        mode: 0o600,
      });
      return { DATABASE_URL: database.url, RIOS_MASTER_KEY_FILE: join(folder, name) };
    };

    it('behaviour: two first starts at once are one network; a rotation needs no restart of either', async () => {
      const env = await writeKey('shared.key');
      const both = [start('a', env), start('b', env)] as const;
      const [a, b] = await Promise.all(both.map((one) => one.waitFor('ready')));
      expect(a?.networkId).to.equal(b?.networkId);
      expect(a?.peerId).to.not.equal(b?.peerId);
      const keyOf = (name: string) => readFile(join(dirOf(name), 'network.key'), 'utf8');
      expect(await keyOf('a')).to.equal(await keyOf('b'));
      expect(both[0].log()).to.contain('shared.key');
      await signUp(String(a?.apiUrl), dirOf('a'));
      await Promise.all([logIn(String(a?.apiUrl)), logIn(String(b?.apiUrl))]);

      const rotation = await rotate('a', env);
      expect(rotation).to.deep.include({ kind: 'master', keys: 2 });
      if (rotation.kind !== 'master') throw new Error('another kind');
      expect(rotation.sealed).to.deep.include({ column: 'network_keys.private_envelope', count: 1 });
      await rotate('a', env, ['--drop-old']);
      await Promise.all([logIn(String(a?.apiUrl)), logIn(String(b?.apiUrl))]);
      await both[1].kill('SIGKILL');
      const third = await start('c', env).waitFor('ready');
      expect(third.networkId).to.equal(a?.networkId);
    });

    it('behaviour: a backup leaves the store to pg_dump; a restored directory goes on with it', async () => {
      const env = { ...(await writeKey('again.key')), DATABASE_URL: another.url };
      const first = start('first', env);
      const { peerId, networkId } = await first.waitFor('ready');
      const out = join(folder, 'backup.rios');
      const passphrase = { ...env, RIOS_BACKUP_PASSPHRASE: 'four unrelated words' };
      const saved = await rios(
        ['orchestrator', 'backup', '--data-dir', dirOf('first'), '--out', out, '--json'],
        {
          env: passphrase,
        },
      );
      expect(JSON.parse(saved.stdout)).to.deep.include({ store: 'postgres', masterKey: 'left out' });
      expect(saved.stderr).to.contain('pg_dump');
      await first.kill('SIGKILL');
      await riosJson(['orchestrator', 'restore', '--from', out, '--data-dir', dirOf('second')], {
        env: passphrase,
      });

      const ready = await start('second', env).waitFor('ready');
      expect({ peerId: ready.peerId, networkId: ready.networkId }).to.deep.equal({ peerId, networkId });
    });

    it('error INTEGRITY_SECRET: another master key does not get in, and leaves no key behind', async () => {
      const wrong = start('wrong', await writeKey('wrong.key'));
      const { error } = (await wrong.waitFor('error')) as unknown as {
        error: { code: string; hint: string };
      };

      expect(error.code).to.equal('INTEGRITY_SECRET');
      expect(error.hint).to.contain('RIOS_MASTER_KEY_FILE');
      expect((await wrong.whenExited).code).to.equal(10);
      expect((await readdir(dirOf('wrong'))).filter((name) => name.endsWith('.key'))).to.deep.equal([]);
    });
  });
});

function describeKeychain(suite: () => void): void {
  if (plan.kind === 'none') {
    console.log(`master key in the keychain: not tested here: ${plan.reason}`);
    return;
  }
  describe('with a keychain', () => {
    let stop: StopKeychain;
    before(async () => {
      stop = await startKeychain(plan);
    });
    after(() => stop());
    suite();
  });
}
