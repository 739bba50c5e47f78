import { expect } from 'chai';
import { runScript } from './support/run-script.ts';
import { createTempFolder, removeFolder, writeTree } from './support/temp-folder.ts';

const manifest = (dependencies: readonly string[]) =>
  JSON.stringify({ dependencies: Object.fromEntries(dependencies.map((name) => [name, '1.0.0'])) });

/** The smallest tree that the check accepts, with `files` on top. */
const tree = (files: Record<string, string>) => ({
  'package.json': manifest(['chai']),
  'packages/sdk/package.json': manifest(['zod', 'libp2p']),
  'packages/worker/package.json': manifest(['@rios/sdk', 'onnxruntime-node']),
  'packages/orchestrator/package.json': manifest(['@rios/sdk', 'express']),
  'packages/cli/package.json': manifest(['@rios/sdk', '@rios/worker', '@oclif/core']),
  'packages/sdk/src/ids.ts': 'export const id = 1;\n',
  'packages/sdk/src/index.ts': "export { id } from './ids.ts';\n",
  ...files,
});

interface Planted {
  readonly name: string;
  readonly files: Record<string, string>;
  readonly rule: string;
}

const planted: readonly Planted[] = [
  {
    name: 'a worker that imports the orchestrator',
    files: {
      'packages/orchestrator/src/place.ts': 'export const place = 1;\n',
      'packages/worker/src/a.ts': "import { place } from '@rios/orchestrator/place';\nplace;\n",
    },
    rule: 'layer',
  },
  {
    name: 'a type taken from a higher layer',
    files: {
      'packages/cli/src/b.ts': 'export type B = 1;\n',
      'packages/sdk/src/a.ts': "import type { B } from '@rios/cli/b';\nexport type A = B;\n",
    },
    rule: 'layer',
  },
  {
    name: 'another package reached by its path',
    files: { 'packages/worker/src/a.ts': "import { id } from '../../sdk/src/ids.ts';\nid;\n" },
    rule: 'layer',
  },
  {
    name: 'tests imported by a package',
    files: {
      'test/support/x.ts': 'export const x = 1;\n',
      'packages/sdk/test/a.test.ts': "import { x } from '../../../test/support/x.ts';\nx;\n",
    },
    rule: 'layer',
  },
  {
    name: 'onnxruntime in the orchestrator, even loaded late',
    files: { 'packages/orchestrator/src/a.ts': "export const a = () => import('onnxruntime-node');\n" },
    rule: 'banned',
  },
  {
    name: 'express in sdk',
    files: { 'packages/sdk/src/a.ts': "import express from 'express';\nexpress();\n" },
    rule: 'banned',
  },
  {
    name: 'a barrel import inside a package',
    files: { 'packages/sdk/src/api/a.ts': "import { id } from '../index.ts';\nid;\n" },
    rule: 'barrel',
  },
  {
    name: 'a package that package.json does not list',
    files: { 'packages/sdk/src/a.ts': "import pino from 'pino';\npino();\n" },
    rule: 'undeclared',
  },
  {
    name: 'a circle of value imports',
    files: {
      'packages/sdk/src/a.ts': "import { b } from './b.ts';\nexport const a = () => b;\n",
      'packages/sdk/src/b.ts': "import { c } from './c.ts';\nexport const b = () => c;\n",
      'packages/sdk/src/c.ts': "export * from './a.ts';\nexport const c = 1;\n",
    },
    rule: 'cycle',
  },
  {
    name: 'a file that is too long',
    files: { 'packages/sdk/src/a.ts': `${'export {};\n'.repeat(501)}` },
    rule: 'length',
  },
  {
    name: 'libp2p loaded by rios --help, two files away',
    files: {
      'packages/sdk/src/p2p/peer.ts':
        "import { createLibp2p } from 'libp2p';\nexport const peer = createLibp2p;\n",
      'packages/sdk/src/join.ts': "export { peer } from './p2p/peer.ts';\n",
      'packages/cli/src/commands/run.ts': "import { peer } from '@rios/sdk/join';\npeer;\n",
    },
    rule: 'heavy',
  },
  {
    name: 'an import hidden behind a template and a regular expression',
    files: {
      'packages/sdk/src/a.ts': `const q = \`\\\`\${'\`'}\`;\nconst r = /[/'"\`]/;\nimport express from 'express';\nq; r;\n`,
    },
    rule: 'banned',
  },
];

const harmless: Record<string, string> = {
  'packages/sdk/src/a.ts':
    "// import x from 'express'\n/* import y from 'express' */\nexport const text = \"import z from 'express'\";\n" +
    `export const more = \`import u from 'express'; \${\`export * from 'express'\`}\`;\n`,
  'packages/sdk/src/type-circle-a.ts': "import type { B } from './type-circle-b.ts';\nexport type A = B[];\n",
  'packages/sdk/src/type-circle-b.ts': "import type { A } from './type-circle-a.ts';\nexport type B = A[];\n",
  'packages/sdk/src/p2p/peer.ts':
    "import { createLibp2p } from 'libp2p';\nexport const peer = createLibp2p;\n",
  'packages/cli/src/run.ts': "export const run = async () => (await import('@rios/sdk/p2p/peer')).peer;\n",
  'packages/worker/src/a.ts': "import { id } from '@rios/sdk/ids';\nexport const a = id;\n",
};

describe('boundaries', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await createTempFolder();
  });
  afterEach(() => removeFolder(folder));

  it('default: this repository keeps them', async () => {
    const { code, stdout } = await runScript('scripts/boundaries.mjs', []);

    expect(stdout).to.match(/^\d{2,} files, 0 violations\n$/);
    expect(code).to.equal(0);
  });

  it('behaviour: comments, texts, type circles and late imports are no violations', async () => {
    await writeTree(folder, tree(harmless));

    const { code, stdout } = await runScript('scripts/boundaries.mjs', [folder]);

    expect(stdout).to.equal('8 files, 0 violations\n');
    expect(code).to.equal(0);
  });

  for (const { name, files, rule } of planted) {
    it(`behaviour: it finds ${name}`, async () => {
      await writeTree(folder, tree(files));

      const { code, stdout } = await runScript('scripts/boundaries.mjs', [folder]);

      expect(stdout).to.contain(`[${rule}]`);
      expect(code).to.equal(1);
    });
  }
});
