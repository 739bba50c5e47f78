import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { ERRORS, EXIT } from '@rios/sdk/errors/catalog';
import { expect } from 'chai';
import { type ApiServer, sendError, sendJson, startApiServer } from './support/api-server.ts';
import { jsonOf, runCli, startCli } from './support/run-cli.ts';
import { statusView } from './support/views.ts';

/** The exit codes, as documented: each has its test below. */
const TESTED = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 78, 124, 130, 143];

describe('exit codes', () => {
  it('behaviour: the table is this one, and every error code ends with one of it', () => {
    expect(Object.values(EXIT).sort((a, b) => a - b)).to.deep.equal(TESTED);
    for (const [code, { exit }] of Object.entries(ERRORS)) expect(TESTED.slice(1), code).to.include(exit);
  });

  let server: ApiServer | undefined;
  let silent: Server | undefined;
  afterEach(async () => {
    await server?.close();
    silent?.close();
    server = undefined;
  });

  /** A server that accepts and never answers; resolves `asked` at the first connection. */
  async function silentServer(): Promise<{ apiUrl: string; asked: Promise<unknown> }> {
    silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    return { apiUrl: `http://127.0.0.1:${port}`, asked: once(silent, 'connection') };
  }

  it('default: 0', async () => {
    server = await startApiServer({ status: (_, response) => sendJson(response, statusView()) });

    const result = await runCli(['status', '--json'], { env: server.env });

    expect(result).to.include({ code: 0, stderr: '' });
    expect(jsonOf(result)).to.deep.equal(statusView());
  });

  for (const [exit, status, code] of [
    [1, 500, 'BUG_UNEXPECTED'],
    [2, 400, 'USER_INVALID_REQUEST'],
    [3, 401, 'AUTH_REQUIRED'],
    [4, 403, 'AUTH_FORBIDDEN'],
    [5, 404, 'NOT_FOUND_MODEL'],
    [6, 409, 'CONFLICT_EXISTS'],
    [7, 413, 'QUOTA_BLOBS'],
    [8, 503, 'CAPACITY_NO_PLACEMENT'],
    [10, 422, 'INTEGRITY_HASH'],
    [12, 502, 'CHAIN_UNREACHABLE'],
    [13, 502, 'API_REMOTE'],
  ] as const) {
    it(`behaviour: ${exit} for ${code} of the server`, async () => {
      server = await startApiServer({ status: (_, response) => sendError(response, status, code) });

      const json = await runCli(['status', '--json'], { env: server.env });
      const text = await runCli(['status'], { env: server.env });

      expect(json).to.include({ code: exit, stderr: '' });
      expect(jsonOf(json).error).to.include({ code, message: 'it failed', requestId: 'req_0123456789' });
      expect(text).to.include({ code: exit, stdout: '' });
      expect(text.stderr).to.include('it failed').and.include('do this').and.include('req_0123456789');
    });
  }

  it('behaviour: 9 when a check of doctor fails', async () => {
    server = await startApiServer({
      health: (_, response) => sendJson(response, { ok: true }),
      status: (_, response) => sendError(response, 401, 'AUTH_REQUIRED'),
    });

    const result = await runCli(['doctor', '--json'], {
      env: { ...server.env, RIOS_HOME: process.env.TMPDIR ?? '/tmp' },
    });

    const { ok, checks } = jsonOf<{ ok: boolean; checks: { name: string; state: string }[] }>(result);
    expect(result.code).to.equal(9);
    expect(ok).to.equal(false);
    expect(checks.find(({ name }) => name === 'token')).to.include({ state: 'fail' });
    expect(checks.find(({ name }) => name === 'node')).to.include({ state: 'ok' });
  });

  it('behaviour: 11 when nobody listens', async () => {
    const gone = await startApiServer({});
    await gone.close();

    const result = await runCli(['status', '--json'], { env: gone.env });

    expect(result.code).to.equal(11);
    expect(jsonOf(result).error.code).to.equal('API_UNREACHABLE');
  });

  it('behaviour: 78 on a Node that is too old', async () => {
    const old =
      'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } })';
    const result = await runCli(['status'], {
      env: { RIOS_NODE_HANDED_OVER: '1' },
      nodeArguments: ['--import', `data:text/javascript,${encodeURIComponent(old)}`],
    });

    expect(result).to.include({ code: 78, stdout: '' });
    expect(result.stderr).to.include('22.18');
  });

  it('behaviour: 124 when the server does not answer in time', async () => {
    const { apiUrl } = await silentServer();

    const result = await runCli(['status', '--json', '--api-url', apiUrl, '--timeout', '100ms']);

    expect(result.code).to.equal(124);
    expect(jsonOf(result).error.code).to.equal('API_TIMEOUT');
  });

  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`behaviour: ${exit} after ${signal}`, async () => {
      const { apiUrl, asked } = await silentServer();
      const child = startCli(['status', '--json', '--api-url', apiUrl]);
      await asked;

      child.kill(signal);
      const result = await child.done;

      expect(result.code).to.equal(exit);
      expect(jsonOf(result).error.code).to.equal('USER_INTERRUPTED');
    });
  }
});
