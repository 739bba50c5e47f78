import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readConfig, updateConfig } from '@rios/sdk/config/config-file';
import type { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { temporaryHome } from './home-dir.ts';

const LOCAL = { apiUrl: 'http://127.0.0.1:7070', tokenFile: '/t' };

describe('config/config-file', () => {
  let place: ReturnType<typeof temporaryHome>;
  let file: string;
  beforeEach(async () => {
    place = temporaryHome();
    file = place.home.configFile;
  });

  async function given(text: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  it('default', async () => {
    expect(await readConfig(file)).to.deep.equal({});

    await updateConfig(file, [{ path: ['contexts', 'local'], value: LOCAL }]);

    expect(await readConfig(file)).to.deep.equal({ contexts: { local: LOCAL } });
  });

  it('behaviour: an update keeps other keys and comments', async () => {
    await given(
      '# mine\ncontext: lab\nfuture: {a: [1, 2]}\ncontexts:\n  lab: {apiUrl: "https://lab"} # far\n',
    );

    await updateConfig(file, [{ path: ['contexts', 'local'], value: LOCAL }]);

    const text = await readFile(file, 'utf8');
    expect(text).to.include('# mine').and.include('# far').and.include('future');
    expect((await readConfig(file)).contexts).to.have.all.keys('lab', 'local');
    expect((await readConfig(file)).context).to.equal('lab');
  });

  it('behaviour: undefined removes a value, and what is not there is no error', async () => {
    await given('# mine\ncontext: lab\ncontexts:\n  lab: {apiUrl: "https://lab"}\nkeystore: file\n');

    await updateConfig(file, [
      { path: ['contexts', 'lab'], value: undefined },
      { path: ['logins', 'https://lab'], value: undefined },
      { path: ['context'], value: undefined },
    ]);

    expect(await readConfig(file)).to.deep.equal({ contexts: {}, keystore: 'file' });
    expect(await readFile(file, 'utf8')).to.include('# mine');
  });

  it('behaviour: updates at once leave a whole file and nothing else', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `c${index}`);

    await Promise.all(names.map((name) => updateConfig(file, [{ path: ['contexts', name], value: LOCAL }])));

    expect(Object.keys((await readConfig(file)).contexts ?? {})).to.have.length.greaterThan(0);
    expect(await readdir(dirname(file))).to.deep.equal(['config.yaml']);
  });

  for (const [what, text] of [
    ['text that is not YAML', 'contexts: [1, 2'],
    ['a context without an address', 'contexts: {a: {tokenFile: /t}}'],
    ['an address that is not http', 'contexts: {a: {apiUrl: "file:///etc/passwd"}}'],
    ['a list', '- 1\n- 2'],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      await given(text);

      const error = await readConfig(file).catch((thrown: RiosError) => thrown);

      expect(error).to.include({ code: 'USER_INVALID_REQUEST' });
      expect((error as RiosError).details).to.deep.equal({ file });
    });
  }

  it('error USER_INVALID_REQUEST: an update that would break the file changes nothing', async () => {
    await given('context: lab\n');

    const error = await updateConfig(file, [{ path: ['context'], value: 'no spaces' }]).catch(
      (thrown: RiosError) => thrown,
    );

    expect(error).to.include({ code: 'USER_INVALID_REQUEST' });
    expect(await readFile(file, 'utf8')).to.equal('context: lab\n');
  });
});
