import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProject } from '@rios/sdk/config/project-file';
import { expect } from 'chai';
import { runCli, temporaryDirectory } from './support/run-cli.ts';
import { runOnTerminal } from './support/terminal.ts';

describe('rios init', function () {
  this.timeout(30_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let folder: string;
  beforeEach(async () => {
    place = await temporaryDirectory();
    folder = join(place.path, 'My App');
    await mkdir(folder);
    await writeFile(join(folder, 'index.js'), '');
  });
  afterEach(() => place.remove());

  it('default: without a terminal, by flags and by what is found', async () => {
    const args = [
      '--port',
      '8080',
      '--health',
      '/healthz',
      '--replicas',
      '1-3',
      '--secret',
      'DB=db-url',
      '--json',
    ];
    const result = await runCli(['init', folder, ...args]);

    expect(result.code, result.stdout).to.equal(0);
    expect(await readProject(folder)).to.deep.equal({
      name: 'my-app',
      run: 'node index.js',
      port: 8080,
      secrets: { DB: 'db-url' },
      replicas: { min: 1, max: 3 },
      health: { http: '/healthz' },
    });
    expect(await readFile(join(folder, 'rios.yaml'), 'utf8')).to.include('yaml-language-server');
  });

  it('behaviour: on a terminal it asks for what no flag says', async () => {
    const { code, screen } = await runOnTerminal(['init', folder, '--replicas', '2'], {
      env: { RIOS_HOME: place.path },
      answers: [
        ['Name of the application', ''],
        ['Command that starts it', ' --verbose'],
        ['Port that it listens on', ''],
        ['Path that answers', '/up'],
      ],
    });

    expect(code, screen).to.equal(0);
    expect(screen).not.to.include('How many');
    expect(await readProject(folder)).to.deep.include({ name: 'my-app', port: 8080, replicas: 2 });
    expect((await readProject(folder)).health).to.deep.equal({ http: '/up' });
  });

  it('error USER_CONFIRMATION_NEEDED: an older file is replaced only with --yes', async () => {
    await writeFile(join(folder, 'rios.yaml'), 'name: older\n');

    expect((await runCli(['init', folder])).code).to.equal(2);
    expect(await readProject(folder)).to.deep.equal({ name: 'older' });
    expect((await runCli(['init', folder, '--name', 'newer', '--yes'])).code).to.equal(0);
    expect(await readProject(folder)).to.include({ name: 'newer' });
  });

  it('error USER_INVALID_REQUEST: what a deploy would refuse is not written', async () => {
    const empty = join(place.path, 'empty');
    await mkdir(empty);

    expect((await runCli(['init', folder, '--cpu', 'much'])).stderr).to.include('cpu');
    expect((await runCli(['init', empty])).stderr).to.include('run:');
    expect(await readProject(folder)).to.deep.equal({});
  });
});
