import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ApiServer, sendError, sendJson, startApiServer } from './support/api-server.ts';
import { jsonOf, runCli, temporaryDirectory } from './support/run-cli.ts';
import { statusView, workerView } from './support/views.ts';

describe('rios api', () => {
  let server: ApiServer;
  let other: Server | undefined;
  beforeEach(async () => {
    server = await startApiServer({
      status: (_, response) => sendJson(response, statusView()),
      getWorker: (_, response) => sendError(response, 404, 'NOT_FOUND_WORKER'),
      createInvite: ({ body }, response) => sendJson(response, JSON.parse(body.toString('utf8'))),
      drainWorker: (_, response) => sendJson(response, workerView()),
      listModels: (_, response) => response.writeHead(200).end('not json'),
    });
  });
  afterEach(async () => {
    await server.close();
    other?.close();
    other = undefined;
  });

  const api = (args: readonly string[], input?: string) =>
    runCli(['api', ...args], { env: server.env, ...(input === undefined ? {} : { input }) });

  it('default', async () => {
    const { code, stdout, stderr } = await api(['GET', '/v1/status']);

    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).to.deep.equal(statusView());
    expect(server.calls[0]?.headers.authorization).to.equal('Bearer test-token');
  });

  it('behaviour: the method in any case, the query as it stands', async () => {
    await api(['get', '/v1/status?a=1&b=%20']);
    expect(server.calls[0]?.query.get('b')).to.equal(' ');
  });

  it('option: body as JSON, from a file, and from stdin', async () => {
    const place = await temporaryDirectory();
    const file = join(place.path, 'body.json');
    await writeFile(file, '{"from":"file"}');

    const inline = await api(['POST', '/v1/invites', '--body', '{"from":"flag"}']);
    const byFile = await api(['POST', '/v1/invites', '--body', `@${file}`]);
    const byStdin = await api(['POST', '/v1/invites', '--body', '-'], '{"from":"stdin"}');
    await place.remove();

    expect([inline, byFile, byStdin].map(({ stdout }) => JSON.parse(stdout).from)).to.deep.equal([
      'flag',
      'file',
      'stdin',
    ]);
    expect(server.calls[0]?.headers['content-type']).to.equal('application/json');
  });

  it('option: json wraps the answer; what is not JSON is text', async () => {
    const json = await api(['GET', '/v1/status', '--json']);
    const text = await api(['GET', '/v1/models', '--json']);

    expect(jsonOf<{ body: unknown }>(json).body).to.deep.equal(statusView());
    expect(jsonOf<{ body: unknown }>(text).body).to.equal('not json');
  });

  it("behaviour: the server's error is the command's, with its exit code", async () => {
    const result = await api(['GET', '/v1/workers/x', '--json']);

    expect(result.code).to.equal(5);
    expect(jsonOf(result).error).to.include({ code: 'NOT_FOUND_WORKER', requestId: 'req_0123456789' });
  });

  it('behaviour: a redirect is not followed, so the token goes nowhere else', async () => {
    const heard: (string | undefined)[] = [];
    const target = createServer((request, response) => {
      heard.push(request.headers.authorization);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    const { port } = await new Promise<AddressInfo>((resolve) => {
      target.once('listening', () => resolve(target.address() as AddressInfo));
    });
    other = createServer((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${port}/v1/status` }).end();
    }).listen(0, '127.0.0.1');
    const bent = other;
    await new Promise((resolve) => bent.once('listening', resolve));
    const apiUrl = `http://127.0.0.1:${(bent.address() as AddressInfo).port}`;

    const result = await runCli(['api', 'GET', '/v1/status', '--json', '--api-url', apiUrl], {
      env: { RIOS_API_TOKEN: 'mine' },
    });
    target.close();

    expect(result.code).to.equal(13);
    expect(heard).to.deep.equal([]);
  });

  for (const [what, args] of [
    ['a whole address', ['GET', 'http://evil.test/v1/status']],
    ['a path that changes the host', ['GET', '@evil.test/v1']],
    ['a path that changes the port', ['GET', ':1/v1']],
    ['a backslash', ['GET', '/\\evil.test']],
    ['a fragment', ['GET', '/v1/status#x']],
    ['a line break', ['GET', '/v1\n/status']],
    ['a method that is none', ['STEAL', '/v1/status']],
    ['a body that is not JSON', ['POST', '/v1/invites', '--body', '{']],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      const result = await api([...args, '--json']);

      expect(result.code).to.equal(2);
      expect(jsonOf(result).error.code).to.equal('USER_INVALID_REQUEST');
      expect(server.calls).to.deep.equal([]);
    });
  }
});
