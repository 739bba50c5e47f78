import { expect } from 'chai';
import { GITHUB_ID, GITHUB_SECRET, type GithubServer, startGithubServer } from './github-server.ts';
import { createOutsideWorld, type OutsideWorld } from './outside-world.ts';

const login = { id: 'github', kind: 'github', clientId: GITHUB_ID, clientSecret: GITHUB_SECRET } as const;

describe('users: login by GitHub', () => {
  let outside: OutsideWorld;
  let github: GithubServer;
  beforeEach(async () => {
    outside = await createOutsideWorld();
    github = await startGithubServer();
    outside.offer({ ...login, issuer: github.url });
  });
  afterEach(async () => {
    await github.close();
    await outside.close();
  });
  const refusal = async () => {
    const started = await outside.start('github');
    await outside.agree(started);
    const answer = await outside.complete(started);
    expect(await outside.world.store.selectFrom('users').select('email').execute()).to.deep.equal([]);
    return answer.error();
  };

  it('default: the primary address, the name, and the number that never changes hands', async () => {
    await outside.logIn('github');
    const rows = await outside.world.store.selectFrom('outside_identities').selectAll().execute();
    const [user] = await outside.world.store.selectFrom('users').selectAll().execute();

    expect(user).to.include({ email: 'octocat@example.org', display_name: 'The Octocat' });
    expect(rows).to.have.length(1);
    expect(rows[0]).to.include({ subject: '583231', issuer: `${github.url}/login/oauth`, login: 'github' });
  });

  it('behaviour: the address for the browser asks for PKCE by S256 and for reading only', async () => {
    const { searchParams } = new URL((await outside.start('github')).authorizationUrl);
    expect(searchParams.get('code_challenge_method')).to.equal('S256');
    expect(searchParams.get('scope')).to.equal('read:user user:email');
  });

  it('behaviour: a name that went to somebody else opens nothing of the first one', async () => {
    await outside.logIn('github');
    github.user = { id: 7, login: 'octocat', name: 'Mallory' };
    const started = await outside.start('github');
    await outside.agree(started);

    expect((await outside.complete(started)).error().code).to.equal('AUTH_OUTSIDE_UNLINKED');
  });

  for (const [what, emails] of [
    ['is not verified', [{ email: 'o@example.org', primary: true, verified: false }]],
    ['is missing', []],
    [
      'is another than the verified one',
      [
        { email: 'o@example.org', primary: true, verified: false },
        { email: 'p@example.org', primary: false, verified: true },
      ],
    ],
  ] as const) {
    it(`error AUTH_OUTSIDE_REFUSED: a primary address that ${what}`, async () => {
      github.emails = emails;
      expect((await refusal()).code).to.equal('AUTH_OUTSIDE_REFUSED');
    });
  }

  it('error AUTH_OUTSIDE_REFUSED: an API that answers something else', async () => {
    github.user = { id: 'admin', login: 'x' };
    expect((await refusal()).code).to.equal('AUTH_OUTSIDE_REFUSED');
    github.user = { id: 1, login: 'x' };
    github.emails = { message: 'Not Found' };
    expect((await refusal()).code).to.equal('AUTH_OUTSIDE_REFUSED');
  });

  it('error AUTH_OUTSIDE_REFUSED: another issuer beside the code', async () => {
    github.iss = 'https://evil.example/login/oauth';
    expect((await refusal()).code).to.equal('AUTH_OUTSIDE_REFUSED');
  });

  it('error AUTH_OUTSIDE_REFUSED: a client secret that GitHub does not know', async () => {
    outside.offer({ ...login, clientSecret: 'wrong', issuer: github.url });
    expect((await refusal()).message).to.contain('incorrect_client_credentials');
  });
});
