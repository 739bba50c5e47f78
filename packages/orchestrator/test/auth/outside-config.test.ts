import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readOutsideConfig } from '../../src/auth/outside/outside-config.ts';
import { expectError } from '../support/expect-error.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

const SECRET = 'the secret of the client';

describe('readOutsideConfig', () => {
  let place: Awaited<ReturnType<typeof createTempDirectory>>;
  beforeEach(async () => {
    place = await createTempDirectory();
  });
  afterEach(() => place.remove());
  const write = async (text: string, mode = 0o600, name = 'outside.yaml') => {
    const file = join(place.path, name);
    await writeFile(file, text);
    await chmod(file, mode);
    return file;
  };
  const logins = (text: string) => `logins:\n${text}`;

  it('default: presets, an issuer, and secrets in files of their own', async () => {
    await mkdir(join(place.path, 'secrets'));
    await write(`${SECRET}\n`, 0o600, 'secrets/google');
    const file = await write(
      logins(`  - {id: google, preset: google, clientId: g, clientSecretFile: secrets/google}
  - {id: github, preset: github, clientId: h, clientSecret: inline}
  - {id: lab, issuer: 'https://login.lab.example/realm', clientId: l}
`),
    );

    expect(await readOutsideConfig(file)).to.deep.equal([
      {
        id: 'google',
        kind: 'oidc',
        issuer: 'https://accounts.google.com',
        clientId: 'g',
        clientSecret: SECRET,
      },
      { id: 'github', kind: 'github', issuer: 'https://github.com', clientId: 'h', clientSecret: 'inline' },
      {
        id: 'lab',
        kind: 'oidc',
        issuer: 'https://login.lab.example/realm',
        clientId: 'l',
        clientSecret: undefined,
      },
    ]);
  });

  it('option: JSON; http on loopback; an Enterprise Server of GitHub', async () => {
    const login = { id: 'gh', preset: 'github', issuer: 'http://127.0.0.1:8080', clientId: 'x' };
    const file = await write(JSON.stringify({ logins: [login] }));

    expect((await readOutsideConfig(file))[0]).to.include({ kind: 'github', issuer: login.issuer });
  });

  const inline = '  - {id: a, preset: google, clientId: g, clientSecret: the-secret}\n';
  it('behaviour: a file without a secret may be read by others, not written', async () => {
    const text = logins('  - {id: a, preset: google, clientId: g}\n');
    expect(await readOutsideConfig(await write(text, 0o644))).to.have.length(1);
    await expectError(readOutsideConfig(await write(text, 0o666)), 'USER_INVALID_REQUEST');
  });

  for (const mode of [0o640, 0o604, 0o660]) {
    it(`error USER_INVALID_REQUEST: a secret in a file of mode ${mode.toString(8)}`, async () => {
      const error = await expectError(
        readOutsideConfig(await write(logins(inline), mode)),
        'USER_INVALID_REQUEST',
      );
      expect(error.message).to.contain('chmod 600');
      await write(SECRET, mode, 'secret');
      const byFile = logins('  - {id: a, preset: google, clientId: g, clientSecretFile: secret}\n');
      await expectError(readOutsideConfig(await write(byFile)), 'USER_INVALID_REQUEST');
    });
  }

  for (const [what, text, word] of [
    ['no logins', '{}\n', 'logins'],
    [
      'an issuer in plain text',
      logins("  - {id: a, issuer: 'http://login.example', clientId: x}\n"),
      'https',
    ],
    [
      'an issuer that only looks like loopback',
      logins("  - {id: a, issuer: 'http://127.0.0.1.evil.example', clientId: x}\n"),
      'https',
    ],
    [
      'an issuer with a password',
      logins("  - {id: a, issuer: 'https://u:p@login.example', clientId: x}\n"),
      'https',
    ],
    ['neither preset nor issuer', logins('  - {id: a, clientId: x}\n'), 'preset'],
    [
      'another issuer for google',
      logins("  - {id: a, preset: google, issuer: 'https://x.example', clientId: x}\n"),
      'google',
    ],
    ['an unknown preset', logins('  - {id: a, preset: facebook, clientId: x}\n'), 'preset'],
    ['an unknown key', logins('  - {id: a, preset: google, clientId: x, secret: s}\n'), 'logins.0'],
    ['an id twice', logins('  - {id: a, preset: google, clientId: x}\n'.repeat(2)), 'twice'],
    ['an id that is none', logins('  - {id: ../a, preset: google, clientId: x}\n'), 'id'],
    [
      'two secrets',
      logins('  - {id: a, preset: google, clientId: x, clientSecret: s, clientSecretFile: f}\n'),
      'give one',
    ],
    [
      'a secret file that is missing',
      logins('  - {id: a, preset: google, clientId: x, clientSecretFile: gone}\n'),
      'ENOENT',
    ],
    ['no YAML', 'logins: [\n', 'outside.yaml'],
    ['an alias', 'logins: [&a {id: a}, *a]\n', 'outside.yaml'],
    ['nothing', '', 'outside.yaml'],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      const error = await expectError(readOutsideConfig(await write(text)), 'USER_INVALID_REQUEST');
      expect(error.message).to.contain(word);
    });
  }

  it('error USER_INVALID_REQUEST: a file that is missing, too large, or a directory; no secret is told', async () => {
    await expectError(readOutsideConfig(join(place.path, 'gone')), 'USER_INVALID_REQUEST');
    await expectError(readOutsideConfig(place.path), 'USER_INVALID_REQUEST');
    await expectError(readOutsideConfig(await write('#'.repeat(70_000))), 'USER_INVALID_REQUEST');
    const text = logins('  - {id: a, preset: google, clientId: x, clientSecret: [very-secret]}\n');
    const error = await expectError(readOutsideConfig(await write(text)), 'USER_INVALID_REQUEST');
    expect(JSON.stringify([error.message, error.details])).to.not.contain('very-secret');
  });
});
