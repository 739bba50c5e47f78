// Runs a command with PostgreSQL, Redis and RabbitMQ of its own, all on loopback in a temporary folder:
//
//   node scripts/servers.mjs npm test
//   node scripts/servers.mjs --only postgres,redis npm test
//
// The command finds DATABASE_URL, REDIS_URL and AMQP_URL set. Needs the Debian packages postgresql, redis-server
// and rabbitmq-server (no service of theirs has to run), and root or an account that they may run as.
// The servers are for tests: nothing they keep is synced to the disk, and all of it is removed at the end.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from './servers/postgres.mjs';
import { startRabbitmq } from './servers/rabbitmq.mjs';
import { startRedis } from './servers/redis.mjs';

const STARTS = { postgres: startPostgres, redis: startRedis, rabbitmq: startRabbitmq };

async function main(args) {
  const only = args[0] === '--only' ? args.splice(0, 2)[1].split(',') : Object.keys(STARTS);
  const folder = mkdtempSync(join(tmpdir(), 'rios-servers-'));
  // the servers run as accounts of their own and need to get through
  chmodSync(folder, 0o711);
  const running = [];
  try {
    const began = Date.now();
    const outcomes = await Promise.allSettled(only.map((name) => STARTS[name](folder)));
    for (const { value } of outcomes) if (value !== undefined) running.push(value);
    const failed = outcomes.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    console.error(`servers: ${only.join(', ')} ready in ${Date.now() - began} ms`);
    const env = Object.assign({ ...process.env }, ...running.map((server) => server.env));
    return await run(args, env);
  } finally {
    await Promise.all(running.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The exit code of the command; signals go on to it. */
function run([command, ...args], env) {
  const child = spawn(command, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

process.exitCode = await main(process.argv.slice(2));
