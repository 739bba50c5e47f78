import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from '@rios/sdk/api/client';
import { resolveHome } from '@rios/sdk/config/home';
import { readSession, writeSession } from '@rios/sdk/config/session';
import { openSecretStore } from '@rios/sdk/crypto/secret-store';
import type { Whoami } from '@rios/sdk/schema/account';
import type { DeviceEvent, LoginReport } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';
import { type LineProcess, startProcess } from '../support/line-process.ts';
import { RIOS, RIOS_ORCHESTRATOR, riosError, riosJson } from '../support/rios.ts';
import { ROOT } from '../support/run-script.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';

const ADA = { email: 'ada@example.org', password: 'violet tundra 42 kettle' };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('rios login --device', function () {
  this.timeout(60_000);
  let folder: string;
  let apiUrl: string;
  let orchestrator: LineProcess;
  let env: NodeJS.ProcessEnv;

  const start = async () => {
    const port = new URL(apiUrl).port;
    const flags = [
      '--data-dir',
      join(folder, 'orchestrator'),
      '--api-port',
      port,
      '--listen',
      '/ip4/127.0.0.1/tcp/0',
    ];
    orchestrator = startProcess(RIOS_ORCHESTRATOR, ['start', ...flags]);
    await orchestrator.waitFor('ready');
  };
  /** A session by password, for whoever approves. */
  const signUp = async () => {
    const client = createClient({ apiUrl });
    await client.signUp({ body: { ...ADA, displayName: 'Ada' } });
    const mail = join(folder, 'orchestrator', 'mail');
    let token: string | undefined;
    while (token === undefined) {
      const [name] = await readdir(mail).catch(() => []);
      const text = name === undefined ? '' : await readFile(join(mail, name), 'utf8').catch(() => '');
      token = /riosm_[A-Za-z0-9_-]{43}/.exec(text)?.[0];
    }
    await client.verifyEmail({ body: { token } });
    const { accessToken } = await client.login({ body: { ...ADA, client: 'test' } });
    return createClient({ apiUrl, token: accessToken });
  };
  /** Runs it until it says its code; `finished` is its exit code and its last line. */
  const begin = async () => {
    const child = spawn(process.execPath, [RIOS, 'login', '--device', '--events'], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    const closed = once(child, 'close');
    await Promise.race([once(reader, 'line'), closed]);
    const finished = closed.then(([code]: unknown[]) => ({
      code,
      report: JSON.parse(lines.at(-1) ?? '') as LoginReport,
    }));
    return { device: JSON.parse(lines[0] ?? '') as DeviceEvent, finished };
  };

  beforeEach(async () => {
    folder = await createTempFolder();
    apiUrl = `http://127.0.0.1:${await freePort()}`;
    env = {
      RIOS_HOME: join(folder, 'home'),
      RIOS_API_URL: apiUrl,
      RIOS_KEYSTORE: 'file',
      RIOS_API_TOKEN: '',
      RIOS_QUIET: '1',
    };
    await start();
  });
  afterEach(async () => {
    await orchestrator.stop();
    await removeFolder(folder);
  });

  it('default: begun, the orchestrator killed and started again, approved: signed in, and renewed as any login', async () => {
    const person = await signUp();
    const { device, finished } = await begin();
    await orchestrator.kill('SIGKILL');
    await start();
    await person.approveDevice({ body: { userCode: device.userCode } });
    const { code, report } = await finished;

    expect(device.link).to.equal(`${apiUrl}/oauth/device?user_code=${device.userCode}`);
    expect(code).to.equal(0);
    expect(report).to.include({ account: ADA.email, keystore: 'file' });
    expect(await riosJson<Whoami>(['whoami'], { env })).to.include({
      email: ADA.email,
      tokenKind: 'session',
    });

    const store = await openSecretStore({
      choice: 'file',
      file: resolveHome(env).secretsFile,
      note: () => {},
    });
    const stored = await readSession(store, apiUrl);
    if (stored === undefined) throw new Error('nothing is stored');
    await writeSession(store, apiUrl, { ...stored, accessExpiresAt: 1 });
    expect(await riosJson<Whoami>(['whoami'], { env })).to.include({ email: ADA.email });
    expect((await readSession(store, apiUrl))?.refreshToken).to.not.equal(stored.refreshToken);

    expect(await riosJson<object>(['logout'], { env })).to.include({ revoked: true });
    const { sessions } = await person.listSessions();
    expect(sessions.map(({ client }) => client)).to.deep.equal(['test']);
    expect(
      orchestrator.events.map(({ event }) => event),
      'stdout holds events only',
    ).to.deep.equal(['ready']);
    expect(orchestrator.log()).to.not.contain('oidc-provider');
  });

  it('error API_TIMEOUT: nobody enters the code; error USER_INPUT_NEEDED: neither address nor --device', async () => {
    expect(await riosError(['login', '--device', '--timeout', '1s'], { env })).to.include({
      code: 'API_TIMEOUT',
      exit: 124,
    });
    expect(await riosError(['login'], { env })).to.include({ code: 'USER_INPUT_NEEDED', exit: 2 });
  });
});
