import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { scanImports } from './scan-imports.mjs';

/**
 * @typedef {object} Source
 * @property {string} path      from the root, with forward slashes
 * @property {string} owner     `sdk`, `worker`, `orchestrator`, `cli`, `test`, `examples`, `scripts`
 * @property {number} lines
 * @property {(import('./scan-imports.mjs').Import & { target: string | undefined })[]} imports
 *   `target` is the file that a relative or @rios import means, from the root
 */

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'models']);

/** Reads every TypeScript file below packages/, test/, examples/ and scripts/. */
export function readSources(root) {
  const files = ['packages', 'test', 'examples', 'scripts'].flatMap((folder) => walk(join(root, folder)));
  const sources = files.map((file) => readSource(root, file));
  return { files: sources, dependencies: readDependencies(root) };
}

function walk(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(join(folder, entry.name));
    return entry.name.endsWith('.ts') ? [join(folder, entry.name)] : [];
  });
}

function readSource(root, file) {
  const path = relative(root, file).split(sep).join('/');
  const text = readFileSync(file, 'utf8');
  const imports = scanImports(text).map((found) => ({ ...found, target: targetOf(path, found.specifier) }));
  return { path, owner: ownerOf(path), lines: text.split('\n').length - 1, imports };
}

/** Which package, or which top folder, a path belongs to. */
export function ownerOf(path) {
  const [top, name] = path.split('/');
  return top === 'packages' ? name : top;
}

function targetOf(path, specifier) {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(path), specifier));
  const own = /^@rios\/([a-z]+)(?:\/(.+))?$/.exec(specifier);
  if (own === null) return undefined;
  return `packages/${own[1]}/src/${own[2] ?? 'index'}.ts`;
}

/** Names that each owner may import because its package.json lists them. */
function readDependencies(root) {
  const names = (file) => {
    const { dependencies, optionalDependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8'));
    return Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies });
  };
  const folders = { test: 'test' };
  for (const name of readdirSync(join(root, 'packages'))) folders[name] = `packages/${name}`;
  const listed = Object.entries(folders)
    .map(([owner, folder]) => [owner, join(root, folder, 'package.json')])
    .filter(([, file]) => existsSync(file))
    .map(([owner, file]) => [owner, names(file)]);
  return { root: names(join(root, 'package.json')), ...Object.fromEntries(listed) };
}
