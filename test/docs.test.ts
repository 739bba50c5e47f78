import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROLE_SCOPES, ROLES } from '@rios/sdk/api/roles';
import { SCOPES } from '@rios/sdk/api/route';
import { expect } from 'chai';
import { ROOT, runScript } from './support/run-script.ts';

/** Every page that users read, with its path from the root. */
async function readPages(): Promise<{ path: string; text: string }[]> {
  const docs = (await readdir(join(ROOT, 'docs')))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  const paths = ['README.md', 'GLOSSARY.md', ...docs];
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

describe('documentation', () => {
  it('behaviour: docs/errors.md is what the catalogue says', async () => {
    const { code, stdout } = await runScript('scripts/errors-doc.mjs', ['--check']);

    expect(code, stdout).to.equal(0);
  });

  it('behaviour: the schema of rios.yaml for editors is the one that is checked by', async () => {
    const { code, stdout } = await runScript('scripts/project-schema.mjs', ['--check']);

    expect(code, stdout).to.equal(0);
  });

  it('behaviour: docs/dependencies.md names every dependency of the packages', async () => {
    const page = await readFile(join(ROOT, 'docs/dependencies.md'), 'utf8');
    for (const name of ['sdk', 'worker', 'orchestrator', 'cli']) {
      const { dependencies } = JSON.parse(
        await readFile(join(ROOT, 'packages', name, 'package.json'), 'utf8'),
      );
      for (const dependency of Object.keys(dependencies as object)) {
        if (dependency.startsWith('@rios/')) continue;
        expect(page.split(/[\s,|]+/), `${name}: ${dependency}`).to.include(dependency);
      }
    }
  });

  it('behaviour: docs/access.md gives each scope to the roles that have it', async () => {
    const page = await readFile(join(ROOT, 'docs/access.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z]+)` \|[^|]*\| ([a-z, ]+) \|$/gm)];

    expect(rows.map(([, scope, roles]) => [scope, roles])).to.deep.equal(
      SCOPES.map((scope) => [scope, ROLES.filter((role) => ROLE_SCOPES[role].includes(scope)).join(', ')]),
    );
  });

  it('behaviour: every file that a page links to is there', async () => {
    for (const { path, text } of await readPages()) {
      for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        const target = join(path, '..', link);
        const found = await readFile(join(ROOT, target)).catch((error: NodeJS.ErrnoException) => error.code);
        expect(found, `${path} links to ${link}`).to.not.equal('ENOENT');
      }
    }
  });

  it('behaviour: every rios command that a page shows exists', async () => {
    const list = JSON.parse(await readFile(join(ROOT, 'packages/cli/oclif.manifest.json'), 'utf8'));
    const known = Object.values(list.commands as Record<string, { id: string; aliases: string[] }>);
    const names = new Set(
      known.flatMap(({ id, aliases }) => [id, ...aliases]).map((id) => id.replaceAll(':', ' ')),
    );
    for (const { path, text } of await readPages()) {
      for (const [, words = ''] of text.matchAll(/(?:^|[`$] ?|npx )rios ((?:[a-z][a-z-]*(?: |$|`|\n))+)/gm)) {
        const command = words.replaceAll(/[`\n]/g, ' ').trim();
        const isKnown = [...names].some((name) => command === name || command.startsWith(`${name} `));
        expect(isKnown, `${path}: rios ${command}`).to.equal(true);
      }
    }
  });
});
