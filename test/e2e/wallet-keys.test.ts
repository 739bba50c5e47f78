import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CliResults } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';
import {
  planKeychain,
  type StopKeychain,
  startKeychain,
} from '../../packages/sdk/test/crypto/support/keychain-session.ts';
import { RIOS, rios, riosError, riosJson } from '../support/rios.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';

type View = CliResults['wallet:create'];
const PASSWORD = 'correct horse battery';
const KILLS = 12;
/** About how long `rios wallet create` takes; kills are spread over it. */
const COMMAND_MS = 1200;

const plan = await planKeychain();
// in CI there is one: without it these fail
const isTested = plan.kind !== 'none' || process.env.CI === 'true';
if (!isTested && plan.kind === 'none')
  console.log(`keys of wallets: keychain: not tested here: ${plan.reason}`);
const describeKeychain = isTested ? describe : describe.skip;

describe('keys of wallets, by real processes', () => {
  let home: string;
  beforeEach(async () => {
    home = await createTempFolder();
  });
  afterEach(() => removeFolder(home));

  describe('kill -9', () => {
    it('behaviour: at any moment of create, each wallet is whole or not there, and its name can be used', async () => {
      const file = join(home, 'password');
      await writeFile(file, PASSWORD, { mode: 0o600 });
      const env = { RIOS_HOME: home, RIOS_WALLET_PASSWORD_FILE: file, RIOS_KEYSTORE: 'file' };
      for (let index = 0; index < KILLS; index++) {
        const child = spawn(process.execPath, [RIOS, 'wallet', 'create', '--name', `w${index}`], {
          env: { ...process.env, ...env },
          stdio: 'ignore',
        });
        const ended = once(child, 'close');
        // the moment is what the test is about: a process that lives shorter is killed too late, which is fine
        await Promise.race([ended, delay((COMMAND_MS * (index + 1)) / KILLS)]);
        child.kill('SIGKILL');
        await ended;
      }

      const { wallets } = await riosJson<{ wallets: View[] }>(['wallet', 'list'], { env });
      for (const { name } of wallets) await riosJson(['wallet', 'sign', 'x', '--wallet', name], { env });
      const kept = await readdir(join(home, 'wallets')).catch(() => []);
      expect(kept.filter((name) => name.endsWith('.json')).sort()).to.deep.equal(
        wallets.map(({ address }) => `${address.toLowerCase()}.json`).sort(),
      );
      const names = new Set(wallets.map(({ name }) => name));
      const free = Array.from({ length: KILLS }, (_, index) => `w${index}`).find((name) => !names.has(name));
      if (free !== undefined) await riosJson(['wallet', 'create', '--name', free], { env });
    }).timeout(120_000);
  });

  describeKeychain('the keychain', () => {
    let stop: StopKeychain;
    before(async () => {
      stop = await startKeychain(plan);
    });
    after(() => stop());
    const env = () => ({ RIOS_HOME: home, RIOS_KEYSTORE: 'keychain' });

    it('behaviour: keeps keys without a password, is named on stderr, and leaves no key in any file', async () => {
      const made = await rios(['wallet', 'create', '--json'], { env: env() });
      expect(made.code, made.stdout + made.stderr).to.equal(0);
      const created = JSON.parse(made.stdout) as View;
      try {
        const signed = await riosJson<{ address: string }>(['wallet', 'sign', 'hello'], { env: env() });
        const { secret } = await riosJson<{ secret: string }>(
          ['wallet', 'export', '--confirm', 'main', '--format', 'private-key'],
          { env: env() },
        );

        expect(made.stderr).to.match(/Keys of wallets: the keychain, by (keytar|@napi-rs\/keyring)/);
        expect(created.keystore).to.equal('keychain');
        expect(signed.address).to.equal(created.address);
        expect((await readdir(home)).sort()).to.deep.equal(['wallets.json', 'wallets.lock']);
        expect(await readFile(join(home, 'wallets.json'), 'latin1')).not.to.include(secret.slice(2));
      } finally {
        await riosJson(['wallet', 'remove', 'main', '--confirm', 'main'], { env: env() });
      }
    }).timeout(60_000);

    it('behaviour: a wallet is found where it was kept, whatever is chosen for new ones', async () => {
      await riosJson(['wallet', 'create'], { env: env() });
      try {
        await riosJson(['wallet', 'sign', 'x'], { env: { ...env(), RIOS_KEYSTORE: 'file' } });
      } finally {
        await riosJson(['wallet', 'remove', 'main', '--confirm', 'main'], { env: env() });
      }
    }).timeout(60_000);

    it('error RUNTIME_KEYCHAIN: the keychain is away, and a wallet in it with it', async () => {
      await riosJson(['wallet', 'create'], { env: env() });
      const gone = { ...env(), DBUS_SESSION_BUS_ADDRESS: '', XDG_RUNTIME_DIR: '' };
      const error = await riosError(['wallet', 'sign', 'x'], { env: gone });
      await riosJson(['wallet', 'remove', 'main', '--confirm', 'main'], { env: env() });

      expect(error).to.include({ code: 'RUNTIME_KEYCHAIN', exit: 9 });
    }).timeout(60_000);
  });
});
