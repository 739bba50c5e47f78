import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { type OrchestratorProcess, startOrchestrator } from '../../support/orchestrator-process.ts';
import { ask } from '../../support/small-gateway.ts';
import { createTempDirectory } from '../../support/temp-directory.ts';

const ACCOUNT = { email: 'ada@example.org', password: 'violet tundra 42 kettle' };

describe('users of a real orchestrator', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  const running: OrchestratorProcess[] = [];
  beforeEach(async () => {
    directory = await createTempDirectory();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.kill('SIGKILL')));
    await directory.remove();
  });
  const start = async () => {
    const started = await startOrchestrator({ dataDir: directory.path });
    running.push(started);
    return started;
  };
  const post = ({ apiUrl }: OrchestratorProcess, path: string, body: object) =>
    ask(apiUrl, path, {
      method: 'POST',
      token: null,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  /** Resolves when the mail is there: it is written after the answer. */
  const mailedToken = async () => {
    const folder = join(directory.path, 'mail');
    for (;;) {
      const [name] = await readdir(folder).catch(() => []);
      const text = name?.endsWith('.txt') ? await readFile(join(folder, name), 'utf8') : '';
      const token = /riosm_[A-Za-z0-9_-]{43}/.exec(text)?.[0];
      if (token !== undefined) return token;
    }
  };

  it('default: an account, its sessions and the audit log outlive a kill', async () => {
    const first = await start();
    await post(first, '/v1/accounts', { ...ACCOUNT, displayName: 'Ada' });
    await post(first, '/v1/accounts/verify', { token: await mailedToken() });
    const { accessToken, refreshToken } = (
      await post(first, '/v1/sessions', ACCOUNT)
    ).json() as SessionTokens;
    await first.kill('SIGKILL');
    const second = await start();

    const who = await ask(second.apiUrl, '/v1/whoami', { token: accessToken });
    expect(who.json()).to.deep.include({ email: ACCOUNT.email, role: 'developer' });
    const refreshed = await post(second, '/v1/sessions/refresh', { refreshToken });
    expect(refreshed.status).to.equal(200);
    const verdict = await ask(second.apiUrl, '/v1/audit/verify', { token: second.token });
    expect(verdict.json()).to.deep.include({ ok: true, entries: 2 });
    expect((await stat(join(directory.path, 'master.key'))).mode & 0o777).to.equal(0o600);
  });

  it('behaviour: the local token is an admin, without any account or key', async () => {
    const orchestrator = await start();
    const who = await ask(orchestrator.apiUrl, '/v1/whoami', { token: orchestrator.token });

    expect(who.json()).to.deep.include({ name: 'local', role: 'admin', tokenKind: 'local', email: null });
    expect(await readdir(directory.path)).to.not.include('master.key');
  });
});
