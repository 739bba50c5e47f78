import { readFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { AuditEntry } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { type LineProcess, startProcess } from '../support/line-process.ts';
import { RIOS, riosJson } from '../support/rios.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const PUBLIC_URL = 'https://rios.example.org';

describe('an orchestrator behind a proxy', function () {
  this.timeout(60_000);
  let folder: string;
  let orchestrator: LineProcess;
  let apiUrl: string;
  let proxy: Server;
  before(async () => {
    folder = await createTempFolder();
    const dataDir = join(folder, 'data');
    const ports = ['--data-dir', dataDir, '--api-port', '0', '--listen', '/ip4/127.0.0.1/tcp/0'];
    const behind = [
      '--trusted-proxy',
      '127.0.0.1',
      '--public-url',
      PUBLIC_URL,
      '--rate-burst',
      '3',
      '--rate-per-second',
      '1',
    ];
    orchestrator = startProcess(RIOS, ['orchestrator', 'start', ...ports, ...behind], {
      env: { RIOS_HOME: join(folder, 'home') },
    });
    ({ apiUrl } = await until('the orchestrator', async () => {
      const text = await readFile(join(dataDir, 'orchestrator.json'), 'utf8');
      return JSON.parse(text) as { apiUrl: string };
    }));
    proxy = await startProxy(apiUrl);
  });
  after(async () => {
    proxy?.close();
    await orchestrator?.stop();
    await removeFolder(folder);
  });
  const ask = (client: string, path = '/v1/openapi.json', init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}${path}`, {
      ...init,
      headers: { 'x-test-client': client, 'x-forwarded-for': '198.51.100.99', ...init.headers },
    });

  it('default: each client has its own limit, whatever it writes; the document says where users are', async () => {
    const first = await ask('203.0.113.1');
    expect(first.headers.get('x-ratelimit-limit')).to.equal('3');
    expect(await first.json()).to.deep.include({ servers: [{ url: PUBLIC_URL }] });
    const again = await Promise.all(Array.from({ length: 40 }, () => ask('203.0.113.1')));
    expect(again.map(({ status }) => status)).to.include(429);
    expect((await ask('203.0.113.2')).status).to.equal(200);
  });

  it('behaviour: the audit log knows the client', async () => {
    const body = JSON.stringify({ email: 'ada@example.org', password: 'not it', client: 'x' });
    const headers = { 'content-type': 'application/json' };
    expect((await ask('203.0.113.3', '/v1/sessions', { method: 'POST', body, headers })).status).to.equal(
      401,
    );
    const token = (await readFile(join(folder, 'data', 'api-token'), 'utf8')).trim();
    const env = { RIOS_HOME: join(folder, 'home'), RIOS_API_URL: apiUrl, RIOS_API_TOKEN: token };

    const { entries } = await riosJson<{ entries: AuditEntry[] }>(['auth', 'audit', 'list'], { env });
    expect(entries[0]).to.deep.include({ action: 'login.failed', details: { address: '203.0.113.3' } });
  });
});

/** Adds to X-Forwarded-For the address that a test says its client has, as a proxy adds the one it sees. */
async function startProxy(apiUrl: string): Promise<Server> {
  const server = createServer((near, answer) => {
    const { 'x-test-client': client = '', 'x-forwarded-for': before, ...headers } = near.headers;
    const forwarded = [before, client].filter(Boolean).join(', ');
    const far = request(
      `${apiUrl}${near.url}`,
      { method: near.method, headers: { ...headers, 'x-forwarded-for': forwarded } },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    far.on('error', () => answer.destroy());
    near.pipe(far);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
