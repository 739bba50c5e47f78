import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createStore, type StoreOptions } from '../../packages/orchestrator/src/store/store.ts';
import {
  MANY_MIGRATIONS,
  openManyMigrations,
  readStep,
} from '../../packages/orchestrator/test/store/migrating-process.ts';

const PROCESS = fileURLToPath(
  new URL('../../packages/orchestrator/test/store/migrating-process.ts', import.meta.url),
);
const KILLS = 8;

export interface MigrationBackend {
  readonly name: string;
  /** A place for a store where nothing is yet. */
  create(): Promise<{ options: StoreOptions; remove(): Promise<void> }>;
}

/** How the schema comes to be, whoever starts and dies. Run it once per backend. */
export function migrationContract(backend: MigrationBackend): void {
  describe(`migrations on ${backend.name}`, () => {
    let place: Awaited<ReturnType<MigrationBackend['create']>>;
    beforeEach(async () => {
      place = await backend.create();
    });
    afterEach(() => place.remove());

    it('behaviour: orchestrators that start at the same time make the schema once', async () => {
      const processes = Array.from({ length: 4 }, () => migrateElsewhere(place.options));
      const codes = await Promise.all(processes.map(async (one) => (await once(one, 'exit'))[0]));

      expect(codes).to.deep.equal([0, 0, 0, 0]);
      await expectWhole(place.options);
    }).timeout(60_000);

    it('behaviour: killed at any time on the way, the next start goes on where it was', async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        const child = migrateElsewhere(place.options);
        await once(child.stdout, 'data');
        setTimeout(() => child.kill('SIGKILL'), 60 + kill * 25);
        await once(child, 'exit');
      }

      await expectWhole(place.options);
    }).timeout(60_000);

    it('behaviour: opening again changes nothing', async () => {
      for (let count = 0; count < 3; count++) await (await createStore(place.options)).destroy();
    });
  });
}

function migrateElsewhere(options: StoreOptions) {
  const flags = ['--conditions=@rios/source', '--disable-warning=ExperimentalWarning'];
  return spawn(process.execPath, [...flags, PROCESS, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Every step was done once and whole. */
async function expectWhole(options: StoreOptions): Promise<void> {
  const store = await openManyMigrations(options);
  for (const { version } of MANY_MIGRATIONS) {
    const step = version - 1;
    const rows = await Promise.all(['a', 'b', 'c'].map((name) => readStep(store, step, name)));
    expect(rows, `step ${step}`).to.deep.equal([[], [], [step]]);
  }
  await store.destroy();
}
