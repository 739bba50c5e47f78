import type { AuditEntry, OrgView, TokenView } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { type ApiServer, sendJson, startApiServer } from '../support/api-server.ts';
import { jsonOf, runCli } from '../support/run-cli.ts';

const TOKEN = `rios_${'A'.repeat(43)}`;

function tokenView(fields: Partial<TokenView> = {}): TokenView {
  return {
    id: 'tok_0123456789',
    name: 'ci',
    accountId: 'acc_0123456789',
    scopes: ['inference'],
    createdAt: 1,
    expiresAt: 2_000_000_000_000,
    lastUsedAt: null,
    state: 'valid',
    ...fields,
  };
}

function orgView(fields: Partial<OrgView> = {}): OrgView {
  return {
    id: 'org_0123456789',
    name: 'lab',
    role: 'admin',
    createdAt: 1,
    members: [{ email: 'ada@rios.test', displayName: 'Ada \u001b[31m', role: 'admin' }],
    ...fields,
  };
}

function auditEntry(fields: Partial<AuditEntry> = {}): AuditEntry {
  return {
    seq: 1,
    at: 1_700_000_000_000,
    actor: '',
    action: 'session.created',
    subject: 'ses_0123456789',
    details: { client: 'rios' },
    previous: '0'.repeat(64),
    hash: 'a'.repeat(64),
    ...fields,
  };
}

describe('rios auth, org', () => {
  let server: ApiServer;
  beforeEach(async () => {
    server = await startApiServer({
      createToken: (_, response) => sendJson(response, { token: TOKEN, view: tokenView() }),
      listTokens: (_, response) =>
        sendJson(response, { tokens: [tokenView(), tokenView({ state: 'revoked' })] }),
      revokeToken: (_, response) => sendJson(response, tokenView({ state: 'revoked' })),
      listAudit: (_, response) => sendJson(response, { entries: [auditEntry()] }),
      verifyAudit: (_, response) =>
        sendJson(response, { ok: false, entries: 9, brokenAt: 4, reason: 'its hash does not fit' }),
      createOrg: (_, response) => sendJson(response, orgView()),
      listOrgs: (_, response) => sendJson(response, { orgs: [orgView()] }),
      joinOrg: (_, response) => sendJson(response, orgView({ role: 'viewer' })),
      inviteMember: (_, response) => sendJson(response, { ok: true }),
      setMemberRole: (_, response) => sendJson(response, orgView()),
      removeMember: (_, response) => sendJson(response, { ok: true }),
    });
  });
  afterEach(() => server.close());

  const run = (args: readonly string[], input = '') => runCli(args, { env: server.env, input });
  const body = (index = 0) => JSON.parse(server.calls[index]?.body.toString('utf8') ?? 'null');

  it('default', async () => {
    const { code, stdout } = await run([
      'auth',
      'token',
      'create',
      'ci',
      '--scope',
      'inference',
      '--ttl',
      '30d',
    ]);

    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: `${TOKEN}\n` });
    expect(body()).to.deep.equal({ name: 'ci', scopes: ['inference'], ttlMs: 30 * 86_400_000 });
  });

  it('option: scope is given again for each, org names whom the token acts for', async () => {
    await run(['auth', 'token', 'create', 'ci', '--scope', 'models', '--scope', 'status', '--org', 'lab']);
    expect(body()).to.deep.include({ scopes: ['models', 'status'], org: 'lab' });
  });

  it('behaviour: tokens are listed and revoked by id', async () => {
    const listed = await run(['auth', 'token', 'list']);
    const revoked = await run(['auth', 'token', 'revoke', 'tok_0123456789', '--json']);

    expect(listed.stdout).to.match(/tok_0123456789 +ci +valid +inference/);
    expect(jsonOf(revoked)).to.deep.equal(tokenView({ state: 'revoked' }));
    expect(server.calls.at(-1)?.params).to.deep.equal({ id: 'tok_0123456789' });
  });

  it('behaviour: the audit log, and 10 when its chain is broken', async () => {
    const listed = await run(['auth', 'audit', 'list', '--limit', '5', '--before', '7']);
    const text = await run(['auth', 'audit', 'verify']);
    const json = await run(['auth', 'audit', 'verify', '--json']);

    expect(listed.stdout).to.include('session.created').and.include('client=rios');
    expect(String(server.calls[0]?.query)).to.equal('before=7&limit=5');
    expect([text.code, json.code]).to.deep.equal([10, 10]);
    expect(text.stdout).to.include('entry 4');
    expect(jsonOf(json)).to.include({ ok: false, brokenAt: 4 });
  });

  it('behaviour: organisations, their members and roles', async () => {
    const outputs = [
      await run(['org', 'create', 'lab', '--json']),
      await run(['org', 'list', '--json']),
      await run(['org', 'add', 'lab', 'bob@rios.test', '--role', 'developer', '--json']),
      await run(['org', 'role', 'lab', 'bob@rios.test', 'admin', '--json']),
      await run(['org', 'remove', 'lab', 'bob@rios.test', '--yes', '--json']),
      await run(['org', 'join', '--token-stdin', '--json'], `riosm_${'A'.repeat(43)}\n`),
    ];

    expect(outputs.map(({ code }) => code)).to.deep.equal([0, 0, 0, 0, 0, 0]);
    expect(body(2)).to.deep.equal({ email: 'bob@rios.test', role: 'developer' });
    expect(body(3)).to.deep.equal({ email: 'bob@rios.test', role: 'admin' });
    expect(body(4)).to.deep.equal({ email: 'bob@rios.test' });
    expect(body(5)).to.deep.equal({ token: `riosm_${'A'.repeat(43)}` });
  });

  it('behaviour: a name that somebody chose cannot steer the terminal', async () => {
    const { stdout } = await run(['org', 'members', 'lab']);
    expect(stdout).to.include('ada@rios.test').and.not.include('\u001b');
  });

  it('error USER_CONFIRMATION_NEEDED: a member is not removed without --yes', async () => {
    const result = await run(['org', 'remove', 'lab', 'bob@rios.test', '--json']);
    expect(result.code).to.equal(2);
    expect(server.calls).to.deep.equal([]);
  });

  it('error NOT_FOUND: members of an organisation that one is not in', async () => {
    expect((await run(['org', 'members', 'other', '--json'])).code).to.equal(5);
  });

  for (const [what, args] of [
    ['no scope', ['auth', 'token', 'create', 'ci']],
    ['a scope that is none', ['auth', 'token', 'create', 'ci', '--scope', 'everything']],
    ['a duration that is none', ['auth', 'token', 'create', 'ci', '--scope', 'status', '--ttl', 'soon']],
    ['a role that is none', ['org', 'role', 'lab', 'bob@rios.test', 'king']],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      const result = await run([...args, '--json']);
      expect(result.code).to.equal(2);
      expect(server.calls).to.deep.equal([]);
    });
  }
});
