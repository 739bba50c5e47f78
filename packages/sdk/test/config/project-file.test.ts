import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProject } from '@rios/sdk/config/project-file';
import type { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { temporaryHome } from './home-dir.ts';

describe('config/project-file', () => {
  let place: Awaited<ReturnType<typeof temporaryHome>>;
  beforeEach(async () => {
    place = temporaryHome();
  });

  const given = (text: string) => writeFile(join(place.directory, 'rios.yaml'), text);
  const failure = async (text: string) => {
    await given(text);
    return readProject(place.directory).then(String, (error: RiosError) => error);
  };

  it('default', async () => {
    await given('context: lab\nname: chat\nmodel: tiny-moe\nreplicas: 2\nenv: {TOKEN_URL: "http://mine"}\n');

    expect(await readProject(place.directory)).to.deep.equal({
      context: 'lab',
      name: 'chat',
      model: 'tiny-moe',
      replicas: 2,
      env: { TOKEN_URL: 'http://mine' },
    });
  });

  it('behaviour: no file, or an empty one, is an empty project', async () => {
    expect(await readProject(place.directory)).to.deep.equal({});
    expect(await readProject('/nonexistent/folder')).to.deep.equal({});
    await given('# nothing yet\n');
    expect(await readProject(place.directory)).to.deep.equal({});
  });

  for (const key of [
    'apiUrl',
    'api-url',
    'API_URL',
    'endpoint',
    'keystore',
    'token',
    'tokenFile',
    'token-file',
    'password',
    'dataDir',
    'path',
    'configFile',
    'contexts',
    'logins',
    'proxy',
  ]) {
    it(`error USER_INVALID_REQUEST: ${key} is refused by name`, async () => {
      const error = await failure(`name: chat\n${key}: http://evil.test\n`);

      expect(error).to.include({ code: 'USER_INVALID_REQUEST' });
      expect((error as RiosError).message)
        .to.include(JSON.stringify(key))
        .and.include('redirect');
      expect((error as RiosError).message).not.to.include('evil');
    });
  }

  for (const [what, text] of [
    ['a context that is more than a name', 'context: {apiUrl: "http://evil.test"}'],
    ['a context that is an address', 'context: "http://evil.test"'],
    ['an unknown field', 'nmae: chat'],
    ['a list', '- name'],
    ['text that is not YAML', 'name: [1'],
    ['aliases', 'name: &a chat\nmodel: *a'],
    ['a file that is too large', `name: ${'x'.repeat(300_000)}`],
    ['a prototype', '__proto__: {context: lab}'],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      expect(await failure(text)).to.include({ code: 'USER_INVALID_REQUEST' });
    });
  }
});
