import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ROOT, runScript } from '../support/run-script.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';

/** A lock made where only the linux-x64 binary of a tool could be had. */
const lock = (extra: Record<string, object> = {}) => ({
  name: 'x',
  lockfileVersion: 3,
  packages: {
    '': { devDependencies: { tool: '1.0.0' } },
    'node_modules/tool': {
      version: '1.0.0',
      dev: true,
      optionalDependencies: {
        '@tool/darwin-arm64': '1.0.0',
        '@tool/linux-x64-musl': '1.0.0',
        '@tool/linux-x64': '1.0.0',
      },
    },
    'node_modules/@tool/linux-x64': {
      version: '1.0.0',
      cpu: ['x64'],
      os: ['linux'],
      dev: true,
      optional: true,
    },
    ...extra,
  },
});

describe('fill-lock', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await createTempFolder();
    file = join(folder, 'package-lock.json');
  });
  afterEach(() => removeFolder(folder));

  const fill = async (given: object, ...args: string[]) => {
    await writeFile(file, `${JSON.stringify(given, null, 2)}\n`);
    const { code } = await runScript('scripts/fill-lock.mjs', [...args, file]);
    return { code, packages: JSON.parse(await readFile(file, 'utf8')).packages };
  };

  it('default: platform packages that are missing get an entry made from their name', async () => {
    const { code, packages } = await fill(lock());

    expect(code).to.equal(0);
    expect(packages['node_modules/@tool/darwin-arm64']).to.deep.equal({
      version: '1.0.0',
      cpu: ['arm64'],
      os: ['darwin'],
      dev: true,
      optional: true,
    });
    expect(packages['node_modules/@tool/linux-x64-musl']).to.deep.include({ libc: ['musl'], os: ['linux'] });
    expect(packages['node_modules/@tool/linux-x64']).to.deep.equal(
      lock().packages['node_modules/@tool/linux-x64'],
    );
  });

  it('behaviour: engines of optional platform packages are dropped, of others kept', async () => {
    const engines = { node: '>=22' };
    const { packages } = await fill(
      lock({
        'node_modules/native-linux-x64': { version: '1.0.0', optional: true, os: ['linux'], engines },
        'node_modules/plain': { version: '1.0.0', engines },
      }),
    );

    expect(packages['node_modules/native-linux-x64']).to.not.have.property('engines');
    expect(packages['node_modules/plain']).to.deep.include({ engines });
  });

  it('option: --check changes nothing and fails when something is missing', async () => {
    const { code, packages } = await fill(lock(), '--check');

    expect(code).to.equal(1);
    expect(packages).to.deep.equal(lock().packages);
  });

  it("behaviour: this repository's lock is complete and names no registry", async () => {
    const { code } = await runScript('scripts/fill-lock.mjs', ['--check']);
    const text = await readFile(`${ROOT}package-lock.json`, 'utf8');

    expect(code).to.equal(0);
    expect(text).to.not.match(/"resolved": "https?:/);
  });
});
