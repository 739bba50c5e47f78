import type { ServerResponse } from 'node:http';
import type { SessionView } from '@rios/sdk/schema/account';
import type { OutsideIdentityView } from '@rios/sdk/schema/outside';
import { expect } from 'chai';
import { whoamiView } from '../support/account-server.ts';
import { type Answers, type ApiServer, sendError, sendJson, startApiServer } from '../support/api-server.ts';
import { jsonOf, runCli, temporaryDirectory } from '../support/run-cli.ts';

const MAILED = `riosm_${'A'.repeat(43)}`;
const PASSWORD = 'violet tundra 42 kettle';
const CODES = ['aaaa-bbbb-cccc-dddd', 'eeee-ffff-gggg-hhhh'];
const RECOVERY = 'abcd-efgh-ijkl-mnop';

const session: SessionView = {
  id: 'ses_0123456789',
  client: 'rios of ada \u001b[31m',
  address: '198.51.100.7',
  createdAt: 1,
  lastUsedAt: 2,
  expiresAt: 2_000_000_000_000,
  current: true,
};
const identity: OutsideIdentityView = {
  id: 'oid_0123456789',
  login: 'google',
  issuer: 'https://accounts.google.com',
  email: 'ada@gmail.test',
  createdAt: 1,
  lastUsedAt: null,
};

const answers: Answers = {
  signUp: (_, response) => sendJson(response, { ok: true }),
  verifyEmail: (_, response) => sendJson(response, { ok: true }),
  requestReset: (_, response) => sendJson(response, { ok: true }),
  resetPassword: (_, response) => sendJson(response, { ok: true }),
  updateProfile: (_, response) => sendJson(response, { ok: true }),
  whoami: (_, response) => sendJson(response, whoamiView()),
  listSessions: (_, response) => sendJson(response, { sessions: [session] }),
  revokeSession: (_, response) => sendJson(response, { ok: true }),
  enrolTotp: (_, response) => sendJson(response, { secret: 'ABC', uri: 'otpauth://totp/x?secret=ABC' }),
  confirmTotp: (_, response) => sendJson(response, { recoveryCodes: CODES }),
  disableTotp: (_, response) => sendJson(response, { ok: true }),
  renewRecoveryCodes: (_, response) => sendJson(response, { recoveryCodes: CODES }),
  listOutsideLogins: (_, response) =>
    sendJson(response, { logins: [{ id: 'google', issuer: identity.issuer }] }),
  listOutsideIdentities: (_, response) => sendJson(response, { identities: [identity] }),
  unlinkOutside: (_, response) => sendJson(response, { ok: true }),
  changePassword: ({ body }, response) => {
    const { code } = JSON.parse(body.toString('utf8')) as { code?: string };
    if (code === undefined) sendError(response, 401, 'AUTH_SECOND_FACTOR');
    else sendJson(response, { ok: true });
  },
};

describe('rios signup, account, auth session|totp|outside', () => {
  let server: ApiServer;
  beforeEach(async () => {
    server = await startApiServer(answers);
  });
  afterEach(() => server.close());

  const run = (args: readonly string[], input = '', env = {}) =>
    runCli([...args, '--json'], { env: { ...server.env, ...env }, input });
  const bodies = () => server.calls.map(({ body }) => JSON.parse(body.toString('utf8') || 'null'));

  it('default: sign up, verify', async () => {
    const asked = await run(['signup', '--email', 'ada@rios.test', '--password-stdin'], `${PASSWORD}\n`);
    const verified = await run(['account', 'verify', '--token-stdin'], `${MAILED}\n`);

    expect([asked.code, verified.code]).to.deep.equal([0, 0]);
    expect(asked.stderr).to.include('rios account verify');
    expect(bodies()).to.deep.equal([
      { email: 'ada@rios.test', password: PASSWORD, displayName: 'ada' },
      { token: MAILED },
    ]);
  });

  it('option: name is the one that is shown; RIOS_EMAIL is the address', async () => {
    await run(['signup', '--name', 'Ada L.', '--password-stdin'], PASSWORD, { RIOS_EMAIL: 'ada@rios.test' });
    expect(bodies()[0]).to.include({ email: 'ada@rios.test', displayName: 'Ada L.' });
  });

  it('behaviour: a password is reset by a mailed token', async () => {
    const asked = await run(['account', 'reset', '--email', 'ada@rios.test']);
    const set = await run(['account', 'reset', 'confirm', '--token-stdin'], `${MAILED}\n${PASSWORD}\n`);

    expect([asked.code, set.code]).to.deep.equal([0, 0]);
    expect(bodies()).to.deep.equal([{ email: 'ada@rios.test' }, { token: MAILED, password: PASSWORD }]);
  });

  it('behaviour: a password is changed by lines of stdin; the code is the third, or --code', async () => {
    const change = ['account', 'password', '--password-stdin'];
    const byLine = await run(change, `old\n${PASSWORD}\n${RECOVERY}\n`);
    const byFlag = await run([...change, '--code', '123456'], `old\n${PASSWORD}\n`);
    const without = await run(change, `old\n${PASSWORD}\n`);

    expect([byLine.code, byFlag.code, without.code]).to.deep.equal([0, 0, 2]);
    expect(bodies()[0]).to.deep.equal({ password: 'old', newPassword: PASSWORD, code: RECOVERY });
    expect(bodies()[1]).to.include({ code: '123456' });
    expect(jsonOf(without).error.code).to.equal('USER_INPUT_NEEDED');
  });

  it('behaviour: the account is shown and its name changed', async () => {
    const shown = await run(['account', 'show']);
    const changed = await run(['account', 'update', '--name', 'Countess']);

    expect(jsonOf(shown)).to.deep.equal(whoamiView());
    expect(jsonOf(changed)).to.deep.equal({ ok: true, displayName: 'Countess' });
  });

  it('behaviour: sessions are listed, cleaned for the terminal, and ended', async () => {
    const listed = await runCli(['auth', 'session', 'list'], { env: server.env });
    const json = await run(['auth', 'session', 'list']);
    const revoked = await run(['auth', 'session', 'revoke', session.id]);

    expect(listed.stdout).to.match(/ses_0123456789 +rios of ada .*198\.51\.100\.7.*this one/);
    expect(listed.stdout).to.not.include('\u001b');
    expect(jsonOf(json)).to.deep.equal({ sessions: [session] });
    expect(jsonOf(revoked)).to.deep.equal({ ok: true, id: session.id });
    expect(server.calls.at(-1)?.params).to.deep.equal({ id: session.id });
  });

  it('behaviour: a second factor is begun, confirmed, renewed and ended, each step by itself', async () => {
    const password = `${PASSWORD}\n`;
    const begun = await run(['auth', 'totp', 'enable', '--password-stdin'], password);
    const confirmed = await run(['auth', 'totp', 'confirm', '--code', '123456']);
    const renewed = await run(
      ['auth', 'totp', 'recovery-codes', '--password-stdin', '--code', '123456'],
      password,
    );
    const ended = await run(['auth', 'totp', 'disable', '--password-stdin'], `${PASSWORD}\n${RECOVERY}\n`);

    expect(jsonOf(begun)).to.deep.equal({
      secret: 'ABC',
      uri: 'otpauth://totp/x?secret=ABC',
      recoveryCodes: null,
    });
    expect(begun.stderr).to.include('rios auth totp confirm');
    expect(jsonOf(confirmed)).to.deep.equal({ recoveryCodes: CODES });
    expect(jsonOf(renewed)).to.deep.equal({ recoveryCodes: CODES });
    expect(ended.code).to.equal(0);
    expect(bodies()).to.deep.equal([
      { password: PASSWORD },
      { code: '123456' },
      { password: PASSWORD, code: '123456' },
      { password: PASSWORD, code: RECOVERY },
    ]);
  });

  it('behaviour: secrets for people are on stdout alone, one code a line', async () => {
    const { stdout, stderr } = await runCli(['auth', 'totp', 'confirm', '--code', '123456'], {
      env: server.env,
    });
    expect(stdout).to.equal(`${CODES.join('\n')}\n`);
    expect(stderr).to.not.include(CODES[0]);
  });

  it('behaviour: outside logins and linked identities are listed; without a login only the former', async () => {
    const text = await runCli(['auth', 'outside', 'list'], { env: server.env });
    const all = await run(['auth', 'outside', 'list']);
    const unlinked = await run(['auth', 'outside', 'unlink', identity.id]);
    await server.close();
    server = await startApiServer({
      ...answers,
      listOutsideIdentities: (_, response) => sendError(response, 401, 'AUTH_REQUIRED'),
    });
    const anonymous = await run(['auth', 'outside', 'list']);

    expect(text.stdout)
      .to.match(/google +https:\/\/accounts\.google\.com/)
      .and.match(/oid_0123456789 +google/);
    expect(jsonOf<{ identities: unknown }>(all).identities).to.deep.equal([identity]);
    expect(jsonOf<{ identities: unknown }>(anonymous).identities).to.equal(null);
    expect(jsonOf(unlinked)).to.deep.equal({ ok: true, id: identity.id });
  });

  describe('login --with, auth outside link', () => {
    const started = () => ({
      claim: `rioso_${'A'.repeat(43)}`,
      authorizationUrl: 'https://accounts.google.test/auth?state=x',
      userCode: 'ABCD-2345',
      expiresAt: Date.now() + 60_000,
      intervalMs: 100,
    });
    const tokens = {
      sessionId: 'ses_0123456789',
      accessToken: 'access-1',
      accessExpiresAt: Date.now() + 900_000,
      refreshToken: `riosr_${'A'.repeat(43)}`,
      refreshExpiresAt: Date.now() + 86_400_000,
    };
    let place: Awaited<ReturnType<typeof temporaryDirectory>>;
    let busy: number;
    beforeEach(async () => {
      place = await temporaryDirectory();
      busy = 2;
      await server.close();
      const pending = (response: ServerResponse) => {
        if (busy-- > 0) sendError(response, busy === 0 ? 503 : 409, PENDING[busy] ?? '');
        return busy >= 0;
      };
      server = await startApiServer({
        ...answers,
        startOutside: (_, response) => sendJson(response, started()),
        completeOutside: ({ body }, response) => {
          const { code } = JSON.parse(body.toString('utf8')) as { code?: string };
          if (pending(response)) return;
          if (code === undefined) sendError(response, 401, 'AUTH_SECOND_FACTOR');
          else sendJson(response, tokens);
        },
        linkOutside: ({ body }, response) => {
          const { password, code } = JSON.parse(body.toString('utf8')) as Record<string, string>;
          if (password === undefined) sendError(response, 403, 'AUTH_PASSWORD_NEEDED');
          else if (code === undefined) sendError(response, 401, 'AUTH_SECOND_FACTOR');
          else sendJson(response, started());
        },
        completeLink: (_, response) => {
          if (!pending(response)) sendJson(response, identity);
        },
      });
    });
    afterEach(() => place.remove());
    const PENDING = ['SERVICE_UNAVAILABLE', 'AUTH_OUTSIDE_PENDING'];
    const home = () => ({ RIOS_HOME: place.path, RIOS_KEYSTORE: 'file' });

    it('default: asks until the person has said yes, through an outage; the code is --code', async () => {
      const result = await run(['login', '--with', 'google', '--code', '123456'], '', home());

      expect(result.code, result.stdout).to.equal(0);
      expect(jsonOf(result)).to.include({ account: whoamiView().name, sessionId: tokens.sessionId });
      expect(result.stderr).to.include('https://accounts.google.test/auth').and.include('ABCD-2345');
      expect(server.names()).to.deep.equal([
        'startOutside',
        'completeOutside',
        'completeOutside',
        'completeOutside',
        'whoami',
      ]);
    });

    it('behaviour: --quiet keeps to itself all but where to go', async () => {
      const args = ['login', '--with', 'google', '--code', '123456', '--quiet'];
      const { stderr } = await run(args, '', home());
      expect(stderr.trim().split('\n')).to.have.length(2);
    });

    it('error USER_INPUT_NEEDED: a second factor where nobody can be asked', async () => {
      const result = await run(['login', '--with', 'google'], '', home());
      expect(result.code).to.equal(2);
      expect(jsonOf(result).error.hint).to.include('--code');
    });

    it('behaviour: a link gives what the account asks for, password first, then the code', async () => {
      const link = ['auth', 'outside', 'link', 'google', '--password-stdin'];
      const result = await run(link, `${PASSWORD}\n${RECOVERY}\n`, home());

      expect(jsonOf(result)).to.deep.equal(identity);
      expect(bodies()[2]).to.include({ password: PASSWORD, code: RECOVERY });
    });
  });

  for (const args of [
    ['signup', '--password-stdin'],
    ['signup', '--email', 'ada@rios.test'],
    ['account', 'verify'],
    ['account', 'reset'],
    ['account', 'reset', 'confirm'],
    ['account', 'password'],
    ['auth', 'totp', 'enable'],
    ['auth', 'totp', 'confirm'],
    ['auth', 'totp', 'disable'],
    ['auth', 'totp', 'recovery-codes', '--code', '123456'],
  ]) {
    it(`error USER_INPUT_NEEDED: rios ${args.join(' ')} where nobody can be asked`, async () => {
      const result = await run(args);
      expect(result.code).to.equal(2);
      expect(jsonOf(result).error.code).to.equal('USER_INPUT_NEEDED');
      expect(server.calls).to.deep.equal([]);
    });
  }

  for (const [args, input] of [
    [['account', 'password', '--password-stdin'], 'old\n'],
    [['account', 'reset', 'confirm', '--token-stdin'], `${MAILED}\n`],
  ] as const) {
    it(`error USER_INPUT_NEEDED: rios ${args.join(' ')} with one line`, async () => {
      const result = await run(args, input);
      expect(result.code).to.equal(2);
      expect(jsonOf(result).error.hint).to.include('second line');
    });
  }

  for (const args of [
    ['signup', '--email', 'a@rios.test', '--password-stdin'],
    ['account', 'verify', '--token-stdin'],
    ['account', 'reset', 'confirm', '--token-stdin'],
    ['account', 'password', '--password-stdin'],
    ['auth', 'totp', 'enable', '--password-stdin'],
    ['auth', 'totp', 'disable', '--password-stdin', '--code', '123456'],
    ['auth', 'outside', 'link', 'google', '--password-stdin'],
  ]) {
    it(`error USER_INVALID_REQUEST: rios ${args.slice(0, 3).join(' ')} sends no secret in plain text`, async () => {
      const result = await run(args, `${MAILED}\n${PASSWORD}\n`, { RIOS_API_URL: 'http://lab.test:7070' });
      expect(result.code).to.equal(2);
      expect(jsonOf(result).error.hint).to.include('https');
    });
  }
});
