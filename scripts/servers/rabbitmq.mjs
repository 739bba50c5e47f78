import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  accountOf,
  answers,
  freePort,
  ownFolder,
  startProcess,
  stopProcess,
  waitUntilReady,
} from './server-process.mjs';

/** The real program: /usr/sbin/rabbitmq-server is a script that changes the account. */
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const AMQP_HEADER = 'AMQP\0\0\x09\x01';
/** The first byte of the answer: a method frame (Connection.Start). */
const METHOD_FRAME = '\x01';

/** Starts RabbitMQ on loopback, with its port mapper beside it. */
export async function startRabbitmq(parent) {
  const account = accountOf('rabbitmq');
  const folder = ownFolder(parent, 'rabbitmq', account);
  const [port, distribution, mapper] = [await freePort(), await freePort(), await freePort()];
  writeFileSync(
    join(folder, 'rabbitmq.conf'),
    `listeners.tcp.1 = 127.0.0.1:${port}\nloopback_users = none\n`,
  );
  writeFileSync(join(folder, 'enabled_plugins'), '[].\n');
  const env = {
    RABBITMQ_NODENAME: `rios${port}@localhost`,
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'kept'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none',
    ERL_EPMD_PORT: String(mapper),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_RELAXED_COMMAND_CHECK: '1',
  };
  const server = startProcess(PROGRAM, [], { folder, account, env });
  await waitUntilReady(server, () => answers(port, AMQP_HEADER, METHOD_FRAME));
  const stop = async () => {
    await stopProcess(server);
    // the port mapper is a daemon of its own
    spawnSync('epmd', ['-kill'], { env: { ...process.env, ...env } });
  };
  return { env: { AMQP_URL: `amqp://guest:guest@127.0.0.1:${port}` }, stop };
}
