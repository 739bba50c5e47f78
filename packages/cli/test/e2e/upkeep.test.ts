import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect } from 'chai';
import { jsonOf, runCli, startCli, temporaryDirectory } from '../support/run-cli.ts';

const PASSPHRASE = 'four unrelated words';

describe('rios orchestrator rotate-key, backup, restore', function () {
  this.timeout(60_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  const env = () => ({ RIOS_HOME: place.path });
  const run = (args: readonly string[], extra: Record<string, string> = {}) =>
    runCli(['orchestrator', ...args], { env: { ...env(), ...extra } });
  const at = (name: string) => join(place.path, name);

  before(async () => {
    place = await temporaryDirectory();
    const args = ['orchestrator', 'start', '--api-port', '0', '--listen', '/ip4/127.0.0.1/tcp/0', '--json'];
    const child = startCli(args, { env: env() });
    await once(createInterface({ input: child.stdout as Readable }), 'line');
    child.kill('SIGTERM');
    await child.done;
    const keys = [Buffer.alloc(32, 7).toString('base64url')];
    const file = join(place.path, 'data', 'orchestrator', 'master.key');
    await writeFile(file, JSON.stringify({ format: 'rios-master-key/1', keys }), { mode: 0o600 });
    await writeFile(at('passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 });
  });
  after(() => place.remove());

  it('default: each prints what it did', async () => {
    const rotated = await run(['rotate-key', '--json']);
    expect(jsonOf(rotated)).to.include({ kind: 'master', isNew: true, keys: 2 });
    const signing = await run(['rotate-key', '--signing', '--json']);
    expect(jsonOf(signing)).to.include({ kind: 'signing', trusted: 0 });
    const saved = await run([
      'backup',
      '--out',
      at('a.rios'),
      '--passphrase-file',
      at('passphrase'),
      '--json',
    ]);
    expect(jsonOf(saved)).to.include({ store: 'sqlite', masterKey: 'left out', sealed: true });
    expect(saved.stderr).to.contain('Writing the archive').and.contain('The master key is not in it');
    const restored = await run(['restore', '--from', at('a.rios'), '--data-dir', at('b'), '--json'], {
      RIOS_BACKUP_PASSPHRASE: PASSPHRASE,
    });
    expect(jsonOf(restored)).to.include({ dataDir: at('b'), masterKey: 'left out' });
    expect(await readdir(at('b'))).to.include.members(['network.key', 'identity.key', 'rios.db', 'blobs']);
  });

  it('behaviour: for people it is a sentence', async () => {
    expect((await run(['rotate-key'])).stdout).to.match(/^master key [0-9a-f]{16}, \d older kept; 1 secrets/);
    const saved = await run(['backup', '--out', at('people.tar'), '--plain', '-q']);
    expect(saved.stdout).to.match(/^saved net_[0-9a-f]{32} in .*people\.tar: \d files, 0 of models\n$/);
    expect((await readFile(at('people.tar'))).subarray(0, 16).toString()).to.equal('rios-backup.json');
  });

  it('error USER_INPUT_NEEDED: nobody can be asked for a passphrase', async () => {
    const saving = await run(['backup', '--out', at('none.rios'), '--json']);
    expect(jsonOf(saving).error).to.include({ code: 'USER_INPUT_NEEDED' });
    await run(['backup', '--out', at('c.rios')], { RIOS_BACKUP_PASSPHRASE: PASSPHRASE });
    const restoring = await run(['restore', '--from', at('c.rios'), '--data-dir', at('d'), '--json']);

    expect(restoring.code).to.equal(2);
    expect(jsonOf(restoring).error).to.include({ code: 'USER_INPUT_NEEDED' });
    expect(await readdir(place.path)).to.not.include.members(['none.rios', 'd']);
  });

  it('error RUNTIME_KEYCHAIN: there is no keychain here; it exits with 9', async function () {
    if (process.platform !== 'linux') this.skip();
    const failed = await run(['rotate-key', '--master-key', 'keychain', '--json']);

    expect(failed.code).to.equal(9);
    expect(jsonOf(failed).error).to.include({ code: 'RUNTIME_KEYCHAIN' });
  });

  it('error NOT_FOUND_FILE: there is no such archive; it exits with 5', async () => {
    const failed = await run(['restore', '--from', at('nowhere'), '--data-dir', at('e'), '--json']);

    expect({ code: failed.code, error: jsonOf(failed).error.code }).to.deep.equal({
      code: 5,
      error: 'NOT_FOUND_FILE',
    });
  });
});
