import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const START_MS = 90_000;
const STOP_MS = 15_000;
const POLL_MS = 100;

/** The ids of a system account; undefined when this process is not root and so runs servers as itself. */
export function accountOf(name) {
  if (process.getuid() !== 0) return undefined;
  const ask = (flag) => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout);
  return { uid: ask('-u'), gid: ask('-g') };
}

/** A folder below `parent` that belongs to the account. */
export function ownFolder(parent, name, account) {
  const folder = join(parent, name);
  mkdirSync(folder, { mode: 0o700 });
  if (account !== undefined) spawnSync('chown', [`${account.uid}:${account.gid}`, folder]);
  return folder;
}

/** A port of loopback that is free now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a server in the foreground as the account; its output goes to `<folder>/output.log`. */
export function startProcess(command, args, { folder, account, env = {} }) {
  const log = openSync(join(folder, 'output.log'), 'a');
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', log, log],
    detached: true,
    ...account,
  });
  closeSync(log);
  const ended = new Promise((resolve) => child.on('close', resolve));
  let failure;
  child.on('error', (error) => {
    failure = error;
  });
  const isRunning = () => failure === undefined && child.exitCode === null && child.signalCode === null;
  const describe = () =>
    `${command}: ${failure?.message ?? ''}\n${readFileSync(join(folder, 'output.log'), 'utf8').slice(-4000)}`;
  return { child, ended, isRunning, describe };
}

/** Asks `isReady` until it says yes. Throws with the server's output when it ends or takes too long. */
export async function waitUntilReady({ isRunning, describe }, isReady) {
  const giveUpAt = Date.now() + START_MS;
  while (!(await isReady())) {
    if (!isRunning() || Date.now() > giveUpAt) throw new Error(`did not start: ${describe()}`);
    await wait(POLL_MS);
  }
}

/** Ends the server and whatever it started, gently first. */
export async function stopProcess({ child, ended, isRunning }, signal = 'SIGTERM') {
  if (!isRunning()) return;
  process.kill(child.pid, signal);
  const late = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(late);
}

/** True when something accepts connections on the port and, when given, answers `question` with `answer`. */
export function answers(port, question, answer) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (result) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.on('error', () => end(false));
    socket.on('connect', () => (question === undefined ? end(true) : socket.write(question)));
    socket.on('data', (bytes) => end(bytes.toString('latin1').startsWith(answer)));
    socket.on('close', () => end(false));
  });
}
