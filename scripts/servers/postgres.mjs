import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  accountOf,
  freePort,
  ownFolder,
  startProcess,
  stopProcess,
  waitUntilReady,
} from './server-process.mjs';

const INSTALLED = '/usr/lib/postgresql';

/** Starts PostgreSQL on loopback with a new cluster; its superuser is `rios`. */
export async function startPostgres(parent) {
  const account = accountOf('postgres');
  const folder = ownFolder(parent, 'postgres', account);
  const bin = newestBin();
  const cluster = join(folder, 'cluster');
  const password = 'rios-test';
  writeFileSync(join(folder, 'password'), password, { mode: 0o644 });
  const options = ['--username=rios', '--auth=scram-sha-256', `--pwfile=${join(folder, 'password')}`];
  const init = ['-D', cluster, ...options, '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
  const made = spawnSync(join(bin, 'initdb'), init, { cwd: folder, encoding: 'utf8', ...account });
  if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`);
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'max_connections=200'];
  const args = ['-D', cluster, '-p', String(port), '-k', folder, ...settings];
  const server = startProcess(join(bin, 'postgres'), args, { folder, account });
  const isReady = () =>
    spawnSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).status === 0;
  await waitUntilReady(server, isReady);
  return {
    env: { DATABASE_URL: `postgres://rios:${password}@127.0.0.1:${port}/postgres` },
    // SIGINT: ends open sessions instead of waiting for them
    stop: () => stopProcess(server, 'SIGINT'),
  };
}

function newestBin() {
  const versions = readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a));
  return join(INSTALLED, versions[0] ?? '', 'bin');
}
