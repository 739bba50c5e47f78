import {
  accountOf,
  answers,
  freePort,
  ownFolder,
  startProcess,
  stopProcess,
  waitUntilReady,
} from './server-process.mjs';

/** Starts Redis on loopback, without persistence. */
export async function startRedis(parent) {
  const account = accountOf('redis');
  const folder = ownFolder(parent, 'redis', account);
  const port = await freePort();
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = startProcess('redis-server', args.map(String), { folder, account });
  await waitUntilReady(server, () => answers(port, 'PING\r\n', '+PONG'));
  return { env: { REDIS_URL: `redis://127.0.0.1:${port}` }, stop: () => stopProcess(server) };
}
