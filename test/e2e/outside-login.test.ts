import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type OutsideEvent, outsideEventSchema } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';
import { browseTo } from '../../packages/orchestrator/test/services/users/outside/browser.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type OidcIssuer,
  startOidcIssuer,
} from '../../packages/orchestrator/test/services/users/outside/oidc-issuer.ts';
import { startOrchestrator } from '../support/devnet.ts';
import type { LineProcess } from '../support/line-process.ts';
import { RIOS, rios, riosError, riosJson } from '../support/rios.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const PASSWORD = 'violet tundra 42 kettle';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('login by an outside provider, from the command line', function () {
  this.timeout(60_000);
  let folder: string;
  let issuer: OidcIssuer;
  let orchestrator: LineProcess;
  let apiUrl: string;
  let env: NodeJS.ProcessEnv;
  const children: ChildProcess[] = [];

  before(async () => {
    folder = await createTempFolder();
    const port = await freePort();
    apiUrl = `http://127.0.0.1:${port}`;
    issuer = await startOidcIssuer(`${apiUrl}/v1/auth/outside/lab/callback`);
    const file = join(folder, 'outside.yaml');
    await writeFile(join(folder, 'lab.secret'), `${CLIENT_SECRET}\n`, { mode: 0o600 });
    await writeFile(
      file,
      `logins:
  - id: lab
    issuer: ${issuer.url}
    clientId: ${CLIENT_ID}
    clientSecretFile: lab.secret
`,
    );
    const options = ['--api-port', String(port), '--outside-logins', file];
    orchestrator = startOrchestrator(join(folder, 'orchestrator'), options);
    await orchestrator.waitFor('ready');
    const clean = { RIOS_API_TOKEN: '', RIOS_KEYSTORE: 'file', CI: '' };
    env = { ...clean, RIOS_HOME: join(folder, 'home'), RIOS_API_URL: apiUrl };
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await orchestrator?.stop();
    await issuer?.close();
    await removeFolder(folder);
  });

  /** Starts a command that sends a person to a browser; tells where, and how it ended. */
  async function begin(args: readonly string[], input = '') {
    const child = spawn(process.execPath, [RIOS, ...args, '--events'], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.push(child);
    child.stdin.end(input);
    const lines: unknown[] = [];
    let notes = '';
    child.stderr.on('data', (chunk: Buffer) => {
      notes += chunk.toString();
    });
    const reader = createInterface({ input: child.stdout });
    const asked = new Promise<OutsideEvent>((resolve, reject) => {
      reader.on('line', (line) => {
        lines.push(JSON.parse(line));
        const parsed = outsideEventSchema.safeParse(lines.at(-1));
        if (parsed.success) resolve(parsed.data);
      });
      child.on('close', () => reject(new Error(`it ended: ${JSON.stringify(lines)} ${notes}`)));
    });
    const ended = once(child, 'close').then(([code]) => ({ code, last: lines.at(-1), notes }));
    return { asked: await asked, ended };
  }

  /** What a person does in the browser. */
  async function answer({ url, userCode }: OutsideEvent, word: 'yes' | 'no') {
    const page = await fetch(await browseTo(url, apiUrl));
    const html = await page.text();
    expect(html).to.contain(userCode);
    const confirm = /name="confirm" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const action = /action="([^"]+)"/.exec(html)?.[1] ?? '';
    const body = new URLSearchParams({ confirm, answer: word });
    const done = await fetch(new URL(action, page.url), { method: 'POST', body });
    expect(done.status).to.equal(200);
  }

  it('default: rios login --with; then the session is used and listed', async () => {
    const { asked, ended } = await begin(['login', '--with', 'lab']);
    await answer(asked, 'yes');
    const { code, last, notes } = await ended;

    expect(code, notes).to.equal(0);
    expect(last).to.include({ type: 'result', account: 'ada@example.org', keystore: 'file' });
    expect(notes).to.contain(asked.url);
    expect(await riosJson(['whoami'], { env })).to.include({ email: 'ada@example.org' });
    const { sessions } = await riosJson<{ sessions: object[] }>(['auth', 'session', 'list'], { env });
    expect(sessions).to.have.length(1);
    const listed = await riosJson<{ identities: object[] }>(['auth', 'outside', 'list'], { env });
    expect(listed.identities).to.have.length(1);
  });

  it('error AUTH_OUTSIDE_REFUSED: the person says no: exit code 3', async () => {
    const { asked, ended } = await begin(['login', '--with', 'lab']);
    await answer(asked, 'no');
    const { code, last } = await ended;

    expect(code).to.equal(3);
    expect(JSON.stringify(last)).to.contain('AUTH_OUTSIDE_REFUSED');
  });

  it('error NOT_FOUND: a login that is not offered: exit code 5', async () => {
    expect(await riosError(['login', '--with', 'google'], { env })).to.include({
      exit: 5,
      code: 'NOT_FOUND',
    });
  });

  it('behaviour: SIGINT ends the wait: exit code 130', async () => {
    const { ended } = await begin(['login', '--with', 'lab']);
    children.at(-1)?.kill('SIGINT');
    expect((await ended).code).to.equal(130);
  });

  it('behaviour: sign up, verify, log in by password, link, unlink', async () => {
    issuer.person = { sub: 'bob-1', email: 'bob@work.example', email_verified: true };
    const mailDir = join(folder, 'orchestrator', 'mail');
    const signUp = ['signup', '--email', 'bob@example.org', '--password-stdin'];
    await riosJson(signUp, { env, stdin: `${PASSWORD}\n` });
    const token = await newestToken(mailDir);
    await riosJson(['account', 'verify', '--token-stdin'], { env, stdin: `${token}\n` });
    const logIn = ['login', '--email', 'bob@example.org', '--password-stdin'];
    await riosJson(logIn, { env, stdin: `${PASSWORD}\n` });

    const { asked, ended } = await begin(
      ['auth', 'outside', 'link', 'lab', '--password-stdin'],
      `${PASSWORD}\n`,
    );
    await answer(asked, 'yes');
    const { code, last, notes } = await ended;
    expect(code, notes).to.equal(0);
    expect(last).to.include({ login: 'lab', email: 'bob@work.example' });

    const { id } = last as { id: string };
    expect((await rios(['auth', 'outside', 'unlink', id], { env })).code).to.equal(0);
    const change = ['account', 'password', '--password-stdin'];
    await riosJson(change, { env, stdin: `${PASSWORD}\n${PASSWORD} anew\n` });
    expect(await riosError(logIn, { env, stdin: `${PASSWORD}\n` })).to.include({ exit: 3 });
  });

  it('behaviour: a file that others may read is refused at start, by name', async () => {
    const file = join(folder, 'open.yaml');
    const login = { id: 'a', preset: 'google', clientId: 'x', clientSecret: 'not-shown' };
    await writeFile(file, JSON.stringify({ logins: [login] }), { mode: 0o644 });
    const failed = startOrchestrator(join(folder, 'other'), ['--outside-logins', file]);
    const { error } = await failed.waitFor('error');

    expect(error).to.include({ code: 'USER_INVALID_REQUEST' });
    expect(JSON.stringify(error)).to.contain('chmod 600').and.not.contain('not-shown');
    expect((await failed.whenExited).code).to.equal(2);
  });
});

const newestToken = (mailDir: string) =>
  until('a mail', async () => {
    const [name] = (await readdir(mailDir))
      .filter((one) => one.endsWith('.txt'))
      .toSorted()
      .slice(-1);
    const text = name === undefined ? '' : await readFile(join(mailDir, name), 'utf8');
    return /riosm_[A-Za-z0-9_-]{43}/.exec(text)?.[0];
  });
