import { once } from 'node:events';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { jsonOf, runCli, startCli, temporaryDirectory } from './support/run-cli.ts';

describe('rios worker status, stop, drain, logs without a network', () => {
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let socket: Server | undefined;
  beforeEach(async () => {
    place = await temporaryDirectory();
  });
  afterEach(async () => {
    socket?.close();
    socket = undefined;
    await place.remove();
  });

  const run = (...args: string[]) => runCli(['worker', ...args, '--data-dir', place.path, '--json']);

  /** A control socket that answers every line with `reply`. */
  async function answering(reply: string): Promise<void> {
    socket = createServer((connection) => connection.on('data', () => connection.write(`${reply}\n`)));
    socket.listen(join(place.path, 'control.sock'));
    await once(socket, 'listening');
  }

  for (const command of ['status', 'stop', 'drain']) {
    it(`error NOT_FOUND_WORKER: ${command} where none runs`, async () => {
      const result = await run(command);

      expect(result.code).to.equal(5);
      expect(jsonOf(result).error.code).to.equal('NOT_FOUND_WORKER');
    });
  }

  it('behaviour: stop never signals a process that is not a worker', async () => {
    const file = {
      pid: process.pid,
      peerId: `12D3KooW${'A'.repeat(44)}`,
      name: 'w',
      startedAt: 1,
      version: '0.1.0',
    };
    await writeFile(join(place.path, 'worker.json'), JSON.stringify(file));

    expect((await run('stop')).code).to.equal(5);
  });

  it('error of the worker: told on with its code', async () => {
    await answering(JSON.stringify({ error: { code: 'CAPACITY_DRAINING', message: 'already' } }));

    const result = await run('drain');

    expect(result.code).to.equal(8);
    expect(jsonOf(result).error).to.include({ code: 'CAPACITY_DRAINING', message: 'already' });
  });

  for (const [what, reply] of [
    ['garbage', 'hello'],
    ['another form', '{"state":"fine"}'],
    ['null', 'null'],
  ] as const) {
    it(`error PEER_PROTOCOL: the socket answers with ${what}`, async () => {
      await answering(reply);

      const result = await run('status');

      expect(result.code).to.equal(13);
      expect(jsonOf(result).error.code).to.equal('PEER_PROTOCOL');
    });
  }

  it('error PEER_TIMEOUT: the socket is silent', async () => {
    socket = createServer(() => {}).listen(join(place.path, 'control.sock'));
    await once(socket, 'listening');

    expect((await run('status', '--timeout', '100ms')).code).to.equal(124);
  });

  async function writeLog(lines: number): Promise<string> {
    await mkdir(join(place.path, 'logs'));
    const file = join(place.path, 'logs', 'worker.log');
    await writeFile(file, Array.from({ length: lines }, (_, index) => `{"line":${index}}\n`).join(''));
    return file;
  }

  it('behaviour: logs prints the last lines of a large log', async () => {
    await writeLog(20_000);

    const { stdout, code } = await runCli(['worker', 'logs', '-n', '2', '--data-dir', place.path]);

    expect(code).to.equal(0);
    expect(stdout).to.equal('{"line":19998}\n{"line":19999}\n');
  });

  it('behaviour: logs -f goes on until it is interrupted', async () => {
    const file = await writeLog(3);
    const child = startCli(['worker', 'logs', '-f', '-n', '1', '--data-dir', place.path]);
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += String(chunk);
      if (seen === '{"line":2}\n') void appendFile(file, 'later\n');
      if (seen.endsWith('later\n')) child.kill('SIGINT');
    });

    await once(child, 'exit');

    expect(seen).to.equal('{"line":2}\nlater\n');
  });

  it('error NOT_FOUND_FILE: no log yet', async () => {
    const result = await run('logs');

    expect(result.code).to.equal(5);
    expect(jsonOf(result).error.code).to.equal('NOT_FOUND_FILE');
  });

  it('error AUTH_INVITE_INVALID: an invite that is empty', async () => {
    const file = join(place.path, 'invite');
    await writeFile(file, '\n');

    const result = await run('start', '--join', `@${file}`);

    expect(result.code).to.equal(4);
    expect(jsonOf(result).error.code).to.equal('AUTH_INVITE_INVALID');
  });
});
