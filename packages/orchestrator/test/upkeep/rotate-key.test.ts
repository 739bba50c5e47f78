import { join } from 'node:path';
import { expect } from 'chai';
import { createSecretBox } from '../../src/auth/secret-box.ts';
import { createMasterKeyFile } from '../../src/crypto/master-key-file.ts';
import { loadMasterKeys } from '../../src/crypto/master-keys.ts';
import { putNetworkFact } from '../../src/store/network.ts';
import { countSealed, SEALED_COLUMNS, sealedContext } from '../../src/store/sealed-columns.ts';
import { insertSigningKey, listSigningKeys } from '../../src/store/sessions-keys.ts';
import { createStore, type Store } from '../../src/store/store.ts';
import { type OrchestratorProcess, startOrchestrator } from '../support/orchestrator-process.ts';
import { runOrchestrator } from '../support/run-orchestrator.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

const ROWS = 400;
const column = SEALED_COLUMNS.signingKey;

describe('rios-orchestrator rotate-key', function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  const running: OrchestratorProcess[] = [];
  beforeEach(async () => {
    directory = await createTempDirectory();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.kill('SIGKILL')));
    await directory.remove();
  });
  const place = () => createMasterKeyFile(join(directory.path, 'master.key'));
  const box = () => createSecretBox((options) => loadMasterKeys(place(), options));
  const withStore = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const store = await createStore({ file: join(directory.path, 'rios.db') });
    try {
      return await work(store);
    } finally {
      await store.destroy();
    }
  };
  /** Signing keys stand for any sealed column: they need no other row. */
  const seed = () =>
    withStore(async (store) => {
      const secrets = box();
      await putNetworkFact(store, 'networkId', 'net_test');
      for (let index = 0; index < ROWS; index++) {
        const kid = `kid-${index}`;
        const envelope = await secrets.seal(`secret ${index}`, sealedContext(column, kid));
        await insertSigningKey(store, {
          kid,
          public_key: 'x',
          private_envelope: envelope,
          created_at: index,
        });
      }
    });
  const readAll = () =>
    withStore(async (store) => {
      const secrets = box();
      const rows = await listSigningKeys(store);
      return Promise.all(
        rows.map((row) => secrets.open(row.private_envelope, sealedContext(column, row.kid))),
      );
    });
  const rotate = (args: readonly string[] = [], options = {}) =>
    runOrchestrator(['rotate-key', '--data-dir', directory.path, ...args], options);

  it('behaviour: killed in the middle, all secrets open; run again, it finishes; then old keys can go', async () => {
    await seed();
    const killed = await rotate([], {
      onLine: (_: unknown, child: { kill(signal: string): void }) => child.kill('SIGKILL'),
    });
    expect(killed.signal).to.equal('SIGKILL');
    const inUse = await withStore((store) => countSealed(store, column));
    expect(inUse, 'it was in the middle').to.have.length(2);
    expect(new Set(await readAll())).to.have.property('size', ROWS);

    const again = await rotate();
    expect(again.line('rotated'), again.stderr).to.deep.include({ kind: 'master', isNew: false, keys: 2 });
    const { sealed } = again.line('rotated') as unknown as { sealed: { column: string; count: number }[] };
    const count = inUse.find(({ keyId }) => keyId !== again.line('rotated').keyId)?.count;
    expect(sealed).to.deep.include({ column: 'signing_keys.private_envelope', count });

    const dropped = await rotate(['--drop-old']);
    expect(dropped.line('rotated')).to.deep.include({ isNew: false, keys: 1, dropped: 1 });
    expect(new Set(await readAll())).to.have.property('size', ROWS);
    expect(dropped.stderr).to.contain(`master key: file ${join(directory.path, 'master.key')}`);
  });

  it('error NOT_FOUND: no orchestrator was ever started there; nothing is made', async () => {
    const { code, line } = await rotate();

    expect(code).to.equal(5);
    expect(line('error').error).to.include({ code: 'NOT_FOUND' });
  });

  it('error INTEGRITY_KEY_FILE: there is no master key', async () => {
    const orchestrator = await startOrchestrator({ dataDir: directory.path });
    await orchestrator.kill('SIGTERM');
    const { code, line } = await rotate();

    expect(code).to.equal(10);
    expect(line('error').error).to.include({ code: 'INTEGRITY_KEY_FILE' });
  });

  for (const args of [['--nope'], ['--signing', '--drop-old'], ['--master-key', 'paper']]) {
    it(`error: ${args.join(' ')} exits with 2`, async () => {
      expect((await rotate(args)).code).to.equal(2);
    });
  }
});
