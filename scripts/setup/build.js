import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SetupError } from './error.js';

const PACKAGES = ['sdk', 'worker', 'orchestrator', 'cli'];

/** Compiles what changed since the last build, then writes the list of commands when one of them changed. */
export async function build(root, node) {
  for (const name of PACKAGES) removeOrphans(join(root, 'packages', name));
  await compile(root, node);
  await writeCommandList(root, node);
}

/** `tsc -b` is incremental: it takes a quarter of a second when nothing changed. */
async function compile(root, node) {
  const projects = PACKAGES.map((name) => `packages/${name}`);
  const code = await run(node, join(root, 'node_modules', '.bin', 'tsc'), ['-b'].concat(projects), root);
  if (code !== 0) throw new SetupError('The build failed: correct the errors above.', 1);
}

/** Drops compiled files whose source is gone: a removed command must not stay. */
function removeOrphans(folder) {
  const dist = join(folder, 'dist');
  for (const file of filesUnder(dist)) {
    const source = join(folder, 'src', relative(dist, file).replace(/(\.d)?\.[jt]s(\.map)?$/, '.ts'));
    if (existsSync(source)) continue;
    rmSync(file, { force: true });
    // without its record tsc rebuilds the project whole
    rmSync(join(folder, 'tsconfig.tsbuildinfo'), { force: true });
  }
}

async function writeCommandList(root, node) {
  const cli = join(root, 'packages', 'cli');
  const stamp = join(root, 'node_modules', '.cache', 'rios-commands');
  const state = stateOf([
    ...filesUnder(join(cli, 'dist')).filter((file) => file.endsWith('.js')),
    join(cli, 'package.json'),
  ]);
  const list = join(cli, 'oclif.manifest.json');
  if (existsSync(list) && existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return;
  const code = await run(node, join(root, 'node_modules', '.bin', 'oclif'), ['manifest'], cli);
  if (code !== 0) throw new SetupError('The list of commands could not be written: see the errors above.', 1);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, state);
}

function stateOf(files) {
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

/** Runs a tool; what it prints goes to stderr. */
function run(node, tool, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(node.path, [tool].concat(args), { cwd, env: node.env, stdio: ['ignore', 2, 2] });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === null ? 1 : code));
  });
}
