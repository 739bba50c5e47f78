import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { restore as restoreArchive } from '../../src/upkeep/restore.ts';
import { type OrchestratorProcess, startOrchestrator } from '../support/orchestrator-process.ts';
import { runOrchestrator } from '../support/run-orchestrator.ts';
import { ask } from '../support/small-gateway.ts';
import { createTempDirectory } from '../support/temp-directory.ts';
import { type Entry, splitTar, writeTar } from '../upkeep/tar-file.ts';

const PASSPHRASE = 'four unrelated words';
const env = { RIOS_BACKUP_PASSPHRASE: PASSPHRASE };

describe('rios-orchestrator backup, restore', function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let orchestrator: OrchestratorProcess;
  let sha256: string;
  const running: OrchestratorProcess[] = [];
  const at = (...names: string[]) => join(directory.path, ...names);

  before(async () => {
    directory = await createTempDirectory();
    orchestrator = await startOrchestrator({ dataDir: at('first') });
    running.push(orchestrator);
    sha256 = await upload(orchestrator, randomBytes(100_000));
  });
  after(async () => {
    await Promise.all(running.map((one) => one.kill('SIGKILL')));
    await directory.remove();
  });

  async function upload({ apiUrl, token }: OrchestratorProcess, bytes: Buffer): Promise<string> {
    const hash = sha256Of(bytes);
    const path = `/v1/blobs/${hash}/chunks/0?sizeBytes=${bytes.byteLength}`;
    const { status } = await ask(apiUrl, path, { token, method: 'PUT', body: bytes });
    expect(status).to.be.within(200, 204);
    return hash;
  }
  const backUp = (out: string, args: readonly string[] = []) =>
    runOrchestrator(['backup', '--data-dir', at('first'), '--out', at(out), ...args], { env });
  /** In this process: each of many archives in one of its own would take long. */
  const unpack = (dataDir: string) =>
    restoreArchive({
      from: at('hostile.tar'),
      dataDir,
      passphrase: async () => PASSPHRASE,
      usesPostgres: false,
      onProgress: () => {},
    });
  const restore = (from: string, to: string, options: Parameters<typeof runOrchestrator>[1] = { env }) =>
    runOrchestrator(['restore', '--from', at(from), '--data-dir', at(to)], options);

  it('default: a running orchestrator is saved, and what was restored is the same network', async () => {
    const saved = await backUp('default.rios');
    expect(saved.code, saved.stderr).to.equal(0);
    expect(saved.line('saved')).to.deep.include({
      blobs: 1,
      store: 'sqlite',
      masterKey: 'none',
      sealed: true,
      networkId: orchestrator.first.networkId,
    });
    const { mode, size } = await stat(at('default.rios'));
    expect({ mode: mode & 0o777, size }).to.deep.equal({ mode: 0o600, size: saved.line('saved').sizeBytes });
    const bytes = await readFile(at('default.rios'), 'latin1');
    expect(bytes).to.not.contain('rios-key/1');

    const { code, line } = await restore('default.rios', 'deep/restored');
    expect(code).to.equal(0);
    expect(line('restored')).to.deep.include({ blobs: 1, masterKey: 'none' });
    for (const name of [
      'network.key',
      'identity.key',
      'api-token',
      'rios.db',
      `blobs/${sha256.slice(0, 2)}/${sha256}`,
    ]) {
      expect((await stat(at('deep/restored', name))).mode & 0o077, name).to.equal(0);
    }
    expect((await readdir(at('deep'))).sort()).to.deep.equal(['restored']);
    const second = await startOrchestrator({ dataDir: at('deep/restored') });
    running.push(second);
    expect(second.first).to.include({
      networkId: orchestrator.first.networkId,
      peerId: orchestrator.first.peerId,
    });
    expect(second.token).to.equal(orchestrator.token);
    expect((await ask(second.apiUrl, `/v1/blobs/${sha256}`, { token: second.token })).status).to.equal(200);
  });

  it('option --plain --without-blobs: a tar that says what is in it', async () => {
    const saved = await backUp('plain.tar', ['--plain', '--without-blobs']);
    expect(saved.line('saved')).to.deep.include({ blobs: 0, sealed: false });

    const entries = splitTar(await readFile(at('plain.tar')));
    expect(entries.map(({ path }) => path)).to.deep.equal([
      'rios-backup.json',
      'network.key',
      'identity.key',
      'api-token',
      'rios.db',
      'manifest.json',
    ]);
    const { files } = JSON.parse(String(entries.at(-1)?.bytes));
    const hashes = entries.slice(0, -1).map(({ path, bytes }) => ({
      path,
      sizeBytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    }));
    expect(files).to.deep.equal(hashes);
  });

  it('behaviour: a blob that is damaged on the disk ends it, and leaves no archive', async () => {
    const path = at('first/blobs', sha256.slice(0, 2), sha256);
    const bytes = await readFile(path);
    await writeFile(path, Buffer.alloc(bytes.byteLength));
    const failed = await backUp('damaged.rios');
    await writeFile(path, bytes);

    expect(failed.code).to.equal(10);
    expect(failed.line('error').error).to.include({ code: 'INTEGRITY_HASH' });
    expect((await readdir(directory.path)).filter((name) => name.startsWith('damaged'))).to.deep.equal([]);
    expect(await readdir(at('first'))).to.not.include('backup-snapshot.tmp');
  });

  it('error CONFLICT_EXISTS: an archive or a directory that is there is left as it was', async () => {
    await writeFile(at('there.rios'), 'mine');
    expect((await backUp('there.rios')).code).to.equal(6);
    expect(await readFile(at('there.rios'), 'utf8')).to.equal('mine');

    await backUp('there-too.rios', ['--without-blobs']);
    await mkdir(at('full'));
    await writeFile(at('full/file'), 'mine');
    expect((await restore('there-too.rios', 'full')).code).to.equal(6);
    expect(await readdir(at('full'))).to.deep.equal(['file']);
  });

  it('error: no passphrase, a short one, a wrong one', async () => {
    const { code } = await runOrchestrator(['backup', '--data-dir', at('first'), '--out', at('x')], {
      env: { RIOS_BACKUP_PASSPHRASE: '' },
    });
    expect(code).to.equal(2);
    await writeFile(at('short'), 'short\n');
    expect((await backUp('x', ['--passphrase-file', at('short')])).code).to.equal(2);
    await backUp('locked.rios', ['--without-blobs']);
    const wrong = await restore('locked.rios', 'never', {
      env: { RIOS_BACKUP_PASSPHRASE: 'some other words' },
    });
    expect(wrong.line('error').error).to.include({ code: 'AUTH_KEYSTORE_LOCKED' });
    expect(await readdir(directory.path)).to.not.include('never');
  });

  it('behaviour: truncated or changed anywhere, a sealed archive restores nothing', async () => {
    await backUp('sound.rios');
    const sound = await readFile(at('sound.rios'));
    const middle = sound.byteLength >> 1;
    const flipped = Buffer.from(sound);
    flipped[middle] = (flipped[middle] ?? 0) ^ 1;
    for (const [name, bytes] of Object.entries({
      half: sound.subarray(0, middle),
      'all but a byte': sound.subarray(0, -1),
      flipped,
      longer: Buffer.concat([sound, Buffer.alloc(512)]),
      empty: Buffer.alloc(0),
      gzip: Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), sound]),
    })) {
      await writeFile(at('bad.rios'), bytes);
      const { code, line } = await restore('bad.rios', 'nothing');
      expect({ code, error: line('error').error }, name).to.deep.include({ code: 10 });
      expect(
        (await readdir(directory.path)).filter((one) => one.startsWith('nothing')),
        name,
      ).to.deep.equal([]);
    }
  });

  it('behaviour: hostile archives restore nothing, inside or outside', async () => {
    await backUp('honest.tar', ['--plain', '--without-blobs']);
    const entries = splitTar(await readFile(at('honest.tar')));
    const [about, ...others] = entries;
    if (about === undefined) throw new Error('the archive is empty');
    const manifestOf = (list: readonly Entry[]): Entry => ({
      path: 'manifest.json',
      bytes: Buffer.from(
        JSON.stringify({
          files: list.map(({ path, bytes }) => ({
            path,
            sizeBytes: bytes.byteLength,
            sha256: sha256Of(bytes),
          })),
        }),
      ),
    });
    const parts = others.slice(0, -1);
    const withEntry = (entry: Entry) => {
      const list = [about, ...parts, entry];
      return [...list, manifestOf(list)];
    };
    const bytes = Buffer.from('hostile');
    const replaced = (path: string, by: Buffer) => {
      const list = [about, ...parts].map((entry) => (entry.path === path ? { ...entry, bytes: by } : entry));
      return [...list, manifestOf(list)];
    };
    const database = parts.find(({ path }) => path === 'rios.db')?.bytes ?? Buffer.alloc(0);
    const cases: Record<string, readonly Entry[]> = {
      'an absolute path': withEntry({ path: at('stolen'), bytes }),
      'a path upwards': withEntry({ path: '../stolen', bytes }),
      'a hidden path upwards': withEntry({ path: `blobs/aa/../../../stolen`, bytes }),
      'a strange name': withEntry({ path: 'tls/key.pem', bytes }),
      'a blob in the wrong folder': withEntry({ path: `blobs/00/${'ab'.repeat(32)}`, bytes }),
      'a blob with other bytes': withEntry({ path: `blobs/ab/${'ab'.repeat(32)}`, bytes }),
      'a symbolic link': withEntry({
        path: 'master.key',
        bytes: Buffer.alloc(0),
        type: '2',
        link: '/etc/passwd',
      }),
      'a hard link': withEntry({
        path: 'master.key',
        bytes: Buffer.alloc(0),
        type: '1',
        link: 'network.key',
      }),
      'a folder': withEntry({ path: 'blobs', bytes: Buffer.alloc(0), type: '5' }),
      'a device': withEntry({ path: 'master.key', bytes: Buffer.alloc(0), type: '3' }),
      'a huge size': withEntry({ path: 'rios.db', bytes, size: 8 ** 11 - 1 }),
      'a key that is too long': replaced('network.key', Buffer.alloc(100_000, ' ')),
      'the same file twice': withEntry({ path: 'network.key', bytes }),
      'no manifest': [about, ...parts],
      'something after the manifest': [...entries, { path: 'master.key', bytes }],
      'a file that the manifest does not name': [about, { path: 'master.key', bytes }, ...others],
      'a file that is missing': [about, ...others.slice(1)],
      'no network key': [about, ...parts.slice(1), manifestOf([about, ...parts.slice(1)])],
      'a key of no form': replaced('network.key', bytes),
      'a store that is none': replaced('rios.db', Buffer.alloc(8192, 'x')),
      'a damaged store': replaced(
        'rios.db',
        Buffer.concat([database.subarray(0, 4096), randomBytes(database.byteLength - 4096)]),
      ),
      'a changed byte': entries.map((entry) =>
        entry.path === 'api-token' ? { ...entry, bytes: randomBytes(entry.bytes.byteLength) } : entry,
      ),
    };
    for (const [name, list] of Object.entries(cases)) {
      await writeFile(at('hostile.tar'), writeTar(list));
      const error = await unpack(at('hostile/nothing')).catch((reason: unknown) => reason);
      expect(error, name).to.be.instanceOf(RiosError).with.property('exitCode', 10);
      expect(await readdir(at('hostile')).catch(() => []), name).to.deep.equal([]);
      expect(await readdir(directory.path), name).to.not.include('stolen');
    }
    await writeFile(at('hostile.tar'), writeTar(entries));
    expect((await restore('hostile.tar', 'hostile/honest')).code, 'the honest one').to.equal(0);
  });

  it('behaviour: killed while it unpacks, nothing is there; run again, all is', async () => {
    await upload(orchestrator, randomBytes(4_000_000));
    await backUp('long.rios');
    const killed = await restore('long.rios', 'late', {
      env,
      onLine: ({ step }, child) => {
        if (step === 'Unpacking it') child.kill('SIGKILL');
      },
    });
    expect(killed.signal).to.equal('SIGKILL');
    expect(await readdir(directory.path)).to.not.include('late');

    expect((await restore('long.rios', 'late')).line('restored')).to.deep.include({ blobs: 2 });
    expect((await readdir(directory.path)).filter((name) => name.startsWith('late'))).to.deep.equal(['late']);
  });

  it('behaviour: killed while it is saved, no archive is there; run again, it is', async () => {
    const args = ['backup', '--data-dir', at('first'), '--out', at('cut.rios')];
    const killed = await runOrchestrator(args, {
      env,
      onLine: ({ step }, child) => {
        if (step === 'Writing the archive') child.kill('SIGKILL');
      },
    });
    expect(killed.signal).to.equal('SIGKILL');
    expect(await readdir(directory.path)).to.not.include('cut.rios');

    expect((await backUp('cut.rios')).code).to.equal(0);
    expect(await readdir(at('first'))).to.not.include('backup-snapshot.tmp');
    expect(await readdir(directory.path)).to.not.include('cut.rios.part');
  });

  it('behaviour: the master key goes in only when asked, and comes back', async () => {
    const key = `${JSON.stringify({ format: 'rios-master-key/1', keys: [randomBytes(32).toString('base64url')] })}\n`;
    await writeFile(at('first/master.key'), key, { mode: 0o600 });
    await chmod(at('first/master.key'), 0o600);
    const without = await backUp('without.rios', ['--without-blobs']);
    const included = await backUp('with.rios', ['--without-blobs', '--with-master-key']);
    await rm(at('first/master.key'));

    expect(without.line('saved').masterKey).to.equal('left out');
    expect(without.stderr).to.contain('The master key is not in it');
    expect(included.line('saved').masterKey).to.equal('included');
    await restore('without.rios', 'without');
    expect(await readdir(at('without'))).to.not.include('master.key');
    await restore('with.rios', 'with');
    expect(await readFile(at('with/master.key'), 'utf8')).to.equal(key);
  });
});
