// Bills requests from many concurrent writers and adds the ledger up; see scripts/bench/ledger.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createStore, type StoreOptions } from '../../packages/orchestrator/src/store/store.ts';
import { createTestDatabase } from '../../packages/orchestrator/test/support/postgres-database.ts';
import { aLedger } from '../support/a-ledger.ts';
import { loadLedger } from './ledger-load.ts';

const WRITERS = 50;
/** On PostgreSQL: stores of ten connections each, as of so many orchestrators. */
const ORCHESTRATORS = 5;
const USERS = 100;
const WORKERS = 20;

/** Prints one line of figures; true when nothing was lost, doubled or made up. */
async function measure(
  engine: string,
  place: StoreOptions,
  count: number,
  transfers: number,
): Promise<boolean> {
  const stores = [];
  for (let index = 0; index < count; index++) stores.push(await createStore(place));
  const requests = Math.ceil(transfers / 2);
  const { ms, done, audit } = await loadLedger({
    stores,
    ledger: aLedger(),
    writers: WRITERS,
    requests,
    users: USERS,
    workers: WORKERS,
    seed: 1,
  });
  await Promise.all(stores.map((store) => store.destroy()));
  const { reserve = 0, capture = 0, release = 0 } = done;
  const posted = audit.transfers.length - USERS;
  const isRight =
    audit.sumWei === 0n &&
    audit.findings.length === 0 &&
    reserve === requests &&
    capture + release === requests &&
    posted === 2 * requests;
  const perSecond = Math.round((posted / ms) * 1_000);
  const figures = { engine, writers: WRITERS, transfers: posted, seconds: Math.round(ms) / 1_000, perSecond };
  const sums = { sumWei: String(audit.sumWei), findings: audit.findings.slice(0, 5) };
  console.log(JSON.stringify({ ...figures, reserve, capture, release, ...sums, isRight }));
  return isRight;
}

async function main(transfers: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rios-bench-'));
  let isRight = true;
  try {
    isRight = (await measure('sqlite', { file: join(folder, 'rios.db') }, 1, transfers)) && isRight;
    const serverUrl = process.env.DATABASE_URL;
    if (serverUrl === undefined) {
      console.error('DATABASE_URL is not set: PostgreSQL is left out');
      return isRight ? 0 : 1;
    }
    const database = await createTestDatabase(serverUrl);
    try {
      isRight = (await measure('postgres', { url: database.url }, ORCHESTRATORS, transfers)) && isRight;
    } finally {
      await database.drop();
    }
    return isRight ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { transfers: { type: 'string', default: '10000' } } });
process.exitCode = await main(Number(values.transfers));
