import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { systemClock } from '@rios/sdk/clock';
import { expect } from 'chai';
import { ensureDevCertificate } from '../../src/gateway/dev-certificate.ts';
import { ask, type SmallGateway, startGateway, TOKEN } from '../support/small-gateway.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

describe('hostile HTTP', () => {
  let gateway: SmallGateway;
  const seen: string[] = [];
  beforeEach(async () => {
    seen.splice(0);
    gateway = await startGateway({
      health: async () => ({ ok: true }),
      getModel: async ({ params }) => expect.fail(`reached ${seen.push(params.name)}`),
      createInvite: async () => expect.fail(`reached ${seen.push('createInvite')}`),
    });
  });
  afterEach(() => gateway.stop());
  /** Sends bytes as they are, and gives all that comes back until the server closes. */
  const send = (bytes: string) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(bytes);
    return text(socket);
  };
  const statusesIn = (answer: string) =>
    [...answer.matchAll(/^HTTP\/1\.1 (\d+) /gm)].map(([, status]) => Number(status));
  const auth = `authorization: Bearer ${TOKEN}\r\n`;

  for (const path of [
    '/v1/models/..%2f..%2fetc%2fpasswd',
    '/v1/models/%2e%2e',
    '/v1/models/..',
    '/v1/models/a%00b',
    '/v1/models/a%2Fmanifest',
    '/v1/models/a;role=admin',
    '/v1/models/a%0d%0aset-cookie:x',
    '/v1/models/%252e%252e',
    '/v1/models/a%5c..%5cb',
    '/v1/models/ａ',
    '/v1/blobs/..%2f..%2fidentity.key',
    '//v1/models/a',
    '/v1//models/a',
    '/v1/./models/a',
    '/./v1/models/a',
    '/v1/models/a/../../status',
    '\\v1\\models\\a',
    '/v1/models/a/',
    '/healthz%00',
    '/healthz/..%2fv1%2fmodels',
    `/v1/models/${'a'.repeat(5000)}`,
    '/v1/models/__proto__/place',
    '/__proto__',
    '/v1/status?__proto__[x]=1&constructor=2',
  ]) {
    it(`error: the path ${path.slice(0, 50)} reaches nothing`, async () => {
      const answer = await ask(gateway.url, encodeURI(path).replaceAll('%25', '%'));

      expect(answer.status, answer.text).to.be.oneOf([400, 404]);
      // what is no URL at all is refused by Node, without a body
      if (answer.text !== '') {
        expect(answer.error().code).to.be.oneOf(['NOT_FOUND', 'USER_INVALID_REQUEST']);
      }
      expect(seen).to.deep.equal([]);
      expect(answer.text).to.not.match(/root:|node_modules|\/src\//);
    });
  }

  it('behaviour: a path in absolute form is the path; its host counts for nothing', async () => {
    const answer = await send(
      'GET http://evil.example/healthz HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n',
    );

    expect(statusesIn(answer)).to.deep.equal([200]);
    expect(answer).to.not.contain('evil');
  });

  const post = `POST /v1/invites HTTP/1.1\r\nhost: x\r\n${auth}`;
  const hidden = `GET /v1/models/hidden HTTP/1.1\r\nhost: x\r\n${auth}\r\n`;
  for (const [name, bytes] of [
    [
      'a length and chunks',
      `${post}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    ],
    ['two lengths', `${post}content-length: 0\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`],
    ['a length with a sign', `${post}content-length: +0\r\n\r\n${hidden}`],
    ['chunked under another name', `${post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['a blank before the colon', `${post}content-length : 0\r\n\r\n${hidden}`],
    ['a folded header', `${post}x-a: b\r\n c: d\r\ncontent-length: 0\r\n\r\n${hidden}`],
    ['a bare line feed in chunks', `${post}transfer-encoding: chunked\r\n\r\n0\n\n${hidden}`],
    ['a header with a bare carriage return', `${post}x-a: b\rset-cookie: c\r\n\r\n${hidden}`],
    ['a header with a zero byte', `${post}x-a: b\0c\r\n\r\n${hidden}`],
    ['no host', `GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n${hidden}`],
    ['an unknown method', `STEAL /healthz HTTP/1.1\r\nhost: x\r\n\r\n${hidden}`],
    ['another protocol', `GET /healthz HTTP/9.9\r\nhost: x\r\n\r\n${hidden}`],
    ['a hundred and more headers', `GET /v1/models/hidden HTTP/1.1\r\n${'x: y\r\n'.repeat(3000)}\r\n`],
  ] as const) {
    it(`error: ${name}: refused, and nothing behind it is taken for a request`, async () => {
      const answer = await send(bytes);

      expect(
        statusesIn(answer).every((status) => status >= 400),
        answer.slice(0, 300),
      ).to.equal(true);
      expect(seen).to.deep.equal([]);
      expect(answer).to.not.match(/^set-cookie/im);
    });
  }

  it('behaviour: no header of a request comes back in an answer', async () => {
    const marked = {
      'x-request-id': 'marker1',
      'idempotency-key': 'marker2-marker2-marker2',
      origin: 'https://marker3',
    };
    const answer = await ask(gateway.url, '/v1/invites', {
      method: 'POST',
      body: '{"marker4":1}',
      headers: { ...marked, cookie: 'marker5' },
    });

    expect(JSON.stringify(answer.headers)).to.not.contain('marker');
  });

  describe('who sends nothing', () => {
    let slow: SmallGateway;
    afterEach(() => slow.stop());

    it('behaviour: a connection on which nothing comes is closed, and others are served meanwhile', async () => {
      slow = await startGateway(
        { health: async () => ({ ok: true }) },
        { server: { headersTimeoutMs: 200, requestTimeoutMs: 400 } },
      );
      const port = Number(new URL(slow.url).port);
      const idle = Array.from({ length: 50 }, () => text(connect(port, '127.0.0.1')));

      expect((await ask(slow.url, '/healthz')).status).to.equal(200);
      await Promise.all(idle);
    });

    it('behaviour: nor does a TLS handshake that does not go on hold a connection', async () => {
      const directory = await createTempDirectory();
      const tls = await ensureDevCertificate(directory.path, systemClock.now());
      slow = await startGateway({}, { server: { tls, headersTimeoutMs: 200 } });
      const port = Number(new URL(slow.url).port);
      const silent = connect(port, '127.0.0.1');
      silent.on('error', () => {});
      const closed = new Promise((resolve) => silent.once('close', resolve));
      silent.write(Buffer.from([0x16, 0x03, 0x01, 0x02]));
      const good = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
      await new Promise((resolve) => good.once('secureConnect', resolve));
      good.destroy();

      await closed;
      await directory.remove();
    });
  });
});
