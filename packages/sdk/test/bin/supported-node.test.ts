import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '../support/temp-folder.ts';

const SOURCE = fileURLToPath(new URL('../../bin/supported-node.js', import.meta.url));
const OLD = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } })';
const PROGRAM = `
  import { requireSupportedNode } from './bin/supported-node.js';
  await requireSupportedNode((error) => console.log(error.code));
  console.log('ran', process.env.RIOS_NODE_HANDED_OVER);
`;

/** An installation: a program that asks for a supported Node and, beside it, perhaps the Node it brings along. */
function install(node: string | undefined): string {
  const folder = tempFolder();
  mkdirSync(join(folder, 'bin'));
  copyFileSync(SOURCE, join(folder, 'bin/supported-node.js'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'program.js'), PROGRAM);
  if (node === undefined) return folder;
  const file = join(folder, 'node_modules/.bin/node');
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${node}\n`);
  chmodSync(file, 0o755);
  return folder;
}

function run(folder: string, options: { old: boolean; handedOver?: boolean }): SpawnSyncReturns<string> {
  const { RIOS_NODE_HANDED_OVER: _, ...env } = process.env;
  const preload = options.old ? ['--import', `data:text/javascript,${encodeURIComponent(OLD)}`] : [];
  return spawnSync(process.execPath, [...preload, join(folder, 'program.js'), 'one', '--two'], {
    encoding: 'utf8',
    env: options.handedOver ? { ...env, RIOS_NODE_HANDED_OVER: '1' } : env,
  });
}

describe('supported node', () => {
  it('default: the program runs, and what it starts is not taken for handed over', () => {
    const { stdout, status } = run(install('echo never'), { old: false, handedOver: true });

    assert.deepEqual([stdout, status], ['ran undefined\n', 0]);
  });

  it('behaviour: an old Node hands the arguments over, and ends with the exit code of the other', () => {
    const folder = install('shift 2; echo "$RIOS_NODE_HANDED_OVER $*"; exit 7');

    const { stdout, status } = run(folder, { old: true });

    assert.deepEqual([stdout, status], [`1 ${join(folder, 'program.js')} one --two\n`, 7]);
  });

  it('behaviour: it ends by the signal that ended the other', () => {
    assert.equal(run(install('kill -TERM $$'), { old: true }).signal, 'SIGTERM');
  });

  it('behaviour: SIGTERM reaches the other, whose exit code counts', () => {
    const asked = 'trap "exit 5" TERM; kill -TERM $PPID; while :; do sleep 0.02; done';

    assert.equal(run(install(asked), { old: true }).status, 5);
  });

  for (const [what, node, handedOver] of [
    ['no other Node is there', undefined, false],
    ['the other is old too', 'echo never', true],
  ] as const) {
    it(`error RUNTIME_NODE_UNSUPPORTED: ${what}`, () => {
      const { stdout, status } = run(install(node), { old: true, handedOver });

      assert.deepEqual([stdout, status], ['RUNTIME_NODE_UNSUPPORTED\n', 78]);
    });
  }
});
