// Settles an epoch of many payees out of a store, as an orchestrator does; see scripts/bench/settle.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createStore, type Store, type StoreOptions } from '../../packages/orchestrator/src/store/store.ts';
import { createTestDatabase } from '../../packages/orchestrator/test/support/postgres-database.ts';
import { createEpochWorld } from '../contract-suites/epoch-world.ts';
import { serveMany } from './paid-many.ts';

const MAX_SECONDS = 10;

/** Prints one line of figures; true when it was fast enough and audits equal. */
async function measure(engine: string, place: StoreOptions, wish: { payees: number; receipts: number }) {
  const folder = mkdtempSync(join(tmpdir(), 'rios-bench-'));
  const store: Store = await createStore('file' in place ? { file: join(folder, 'rios.db') } : place);
  const close = async () => {
    await store.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  const databaseUrl = 'url' in place ? place.url : undefined;
  const world = await createEpochWorld(async () => ({ store, dataDir: folder, databaseUrl, close }));
  try {
    await serveMany(world, wish);
    const epochs = world.create();
    await epochs.step(world.target);
    const from = performance.now();
    await epochs.closeNow('acc_operator01');
    const closed = performance.now();
    const { kind } = await epochs.step(world.target);
    const built = performance.now();
    await world.send();
    const asked = performance.now();
    const { facts } = await epochs.show(1);
    const [row] = await store.selectFrom('epoch_leaves').select('account').limit(1).execute();
    await epochs.proofOf(row?.account ?? '');
    const proved = performance.now();
    const { equal } = await world.audit(epochs, 1);
    const seconds = (ms: number) => Math.round(ms) / 1_000;
    const figures = {
      engine,
      payees: facts?.payees,
      receipts: facts?.receipts,
      closeSeconds: seconds(closed - from),
      buildSeconds: seconds(built - closed),
      proofSeconds: seconds(proved - asked),
      auditSeconds: seconds(performance.now() - proved),
      equal,
    };
    console.log(JSON.stringify(figures));
    return (
      kind === 'built' && equal && facts?.payees === wish.payees && built - closed <= MAX_SECONDS * 1_000
    );
  } finally {
    await world.close();
  }
}

async function main(wish: { payees: number; receipts: number }): Promise<number> {
  let isRight = await measure('sqlite', { file: '' }, wish);
  const serverUrl = process.env.DATABASE_URL;
  if (serverUrl === undefined || serverUrl === '') {
    console.error('DATABASE_URL is not set: PostgreSQL is left out');
    return isRight ? 0 : 1;
  }
  const database = await createTestDatabase(serverUrl);
  try {
    isRight = (await measure('postgres', { url: database.url }, wish)) && isRight;
    return isRight ? 0 : 1;
  } finally {
    await database.drop();
  }
}

const { values } = parseArgs({
  options: { payees: { type: 'string', default: '20000' }, receipts: { type: 'string', default: '1' } },
});
process.exitCode = await main({ payees: Number(values.payees), receipts: Number(values.receipts) });
