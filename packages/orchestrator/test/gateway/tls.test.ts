import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { createDevCertificate, ensureDevCertificate } from '../../src/gateway/dev-certificate.ts';
import { expectError } from '../support/expect-error.ts';
import { startGateway } from '../support/small-gateway.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

const DAY_MS = 86_400_000;
const HOSTS = ['localhost', '127.0.0.1'];

describe('TLS', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  beforeEach(async () => {
    directory = await createTempDirectory();
  });
  afterEach(() => directory.remove());
  const fileOf = (name: string) => join(directory.path, name);
  const write = async (made: { cert: string; key: string }, name = '') => {
    await writeFile(fileOf(`${name}key.pem`), made.key);
    await writeFile(fileOf(`${name}cert.pem`), made.cert);
    return { cert: fileOf(`${name}cert.pem`), key: fileOf(`${name}key.pem`) };
  };
  const open = async (url: string, ca: string, options: object = {}): Promise<TLSSocket> => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), ca, ...options });
    await once(socket, 'secureConnect');
    return socket;
  };

  it('default: TLS 1.3 that the authority vouches for, and browsers are told to stay with it', async () => {
    const made = createDevCertificate(HOSTS, Date.now());
    const gateway = await startGateway(
      { health: async () => ({ ok: true }) },
      { server: { tls: await write(made) } },
    );
    expect(gateway.url).to.match(/^https:/);

    const socket = await open(gateway.url, made.ca, { servername: 'localhost' });
    expect(socket.authorized).to.equal(true);
    expect(socket.getProtocol()).to.equal('TLSv1.3');
    socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(await text(socket))
      .to.match(/^HTTP\/1.1 200 /)
      .and.contain('strict-transport-security: max-age=');
    await gateway.stop();
  });

  it('behaviour: an older protocol, and plain HTTP, get no answer', async () => {
    const made = createDevCertificate(HOSTS, Date.now());
    const gateway = await startGateway({}, { server: { tls: await write(made) } });

    const failed = await open(gateway.url, made.ca, { maxVersion: 'TLSv1.2' }).catch(
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect(failed).to.match(/PROTOCOL_VERSION/);
    await gateway.stop();
  });

  it('behaviour: with it, any address will do', async () => {
    const tls = await write(createDevCertificate(HOSTS, Date.now()));
    const gateway = await startGateway({}, { server: { tls, host: '0.0.0.0' } });

    expect(gateway.url).to.match(/^https:\/\/0\.0\.0\.0:/);
    await gateway.stop();
  });

  it('behaviour: a new certificate is taken up without a stop; one that is broken is not', async () => {
    const first = createDevCertificate(HOSTS, Date.now());
    const second = createDevCertificate(HOSTS, Date.now());
    await write(first, 'first-');
    await write(second, 'second-');
    const files = { cert: fileOf('cert.pem'), key: fileOf('key.pem') };
    const point = async (to: string) => {
      for (const file of ['cert.pem', 'key.pem']) {
        await unlink(fileOf(file)).catch(() => {});
        await symlink(fileOf(`${to}-${file}`), fileOf(file));
      }
    };
    await point('first');
    const gateway = await startGateway({}, { server: { tls: files } });
    const serialNow = async () => {
      const socket = await open(gateway.url, first.ca, { rejectUnauthorized: false });
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      return serialNumber;
    };
    const served = async (made: { cert: string }) => {
      const wanted = new X509Certificate(made.cert).serialNumber;
      for (let tries = 0; tries < 100; tries++) {
        if ((await serialNow()) === wanted) return true;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return false;
    };
    expect(await served(first)).to.equal(true);

    await point('second');
    expect(await served(second)).to.equal(true);
    await writeFile(fileOf('second-cert.pem'), 'broken');
    process.emit('SIGHUP', 'SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await served(second)).to.equal(true);
    await gateway.stop();
  });

  it('error USER_INVALID_REQUEST: a key of another certificate, or no file', async () => {
    const one = createDevCertificate(HOSTS, Date.now());
    const other = createDevCertificate(HOSTS, Date.now());
    const tls = await write({ cert: one.cert, key: other.key });

    await expectError(startGateway({}, { server: { tls } }), 'USER_INVALID_REQUEST');
    const missing = { ...tls, key: fileOf('none') };
    await expectError(startGateway({}, { server: { tls: missing } }), 'USER_INVALID_REQUEST');
  });

  it('behaviour: the development certificate is kept, is private, and is renewed in time', async () => {
    const now = Date.now();
    const folder = fileOf('tls');
    const serialOf = async (at: number) => {
      const { readFile } = await import('node:fs/promises');
      return new X509Certificate(await readFile((await ensureDevCertificate(folder, at)).cert)).serialNumber;
    };

    const first = await serialOf(now);
    expect(await serialOf(now + 300 * DAY_MS)).to.equal(first);
    expect((await stat(join(folder, 'key.pem'))).mode & 0o777).to.equal(0o600);
    expect(await serialOf(now + 370 * DAY_MS)).to.not.equal(first);
  });
});
