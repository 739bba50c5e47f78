import { isBuiltin } from 'node:module';
import { findCycles } from './cycles.mjs';

/** The layers: whom each may import, beside itself. */
const LAYERS = {
  sdk: [],
  worker: ['sdk'],
  orchestrator: ['sdk'],
  cli: ['sdk'],
  examples: ['sdk'],
  scripts: ['sdk'],
  test: ['sdk', 'worker', 'orchestrator', 'cli', 'scripts'],
};

/** Suites that tests of packages run on their own adapters. */
const SHARED_SUITES = 'test/contract-suites/';

/** Packages that an owner's sources may not name at all. */
const BANNED = {
  sdk: ['onnxruntime-node', 'express', 'kysely', '@oclif'],
  orchestrator: ['onnxruntime-node', '@oclif'],
  worker: ['express', 'kysely', '@oclif'],
  cli: ['onnxruntime-node', 'express', 'kysely'],
};

/** What `rios <command> --help` must not load. */
const HEAVY = ['onnxruntime-node', 'onnx-buf', 'libp2p', '@libp2p', 'express', 'kysely', '@huggingface'];

const MAX_LINES = 500;

/** @returns {{ file: string, rule: string, message: string }[]} sorted by file */
export function checkRules({ files, dependencies }) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const found = files.flatMap((file) => [
    ...checkLength(file),
    ...file.imports.flatMap((one) => [
      ...checkLayer(file, one),
      ...checkBarrel(file, one),
      ...checkPackage(file, one, dependencies),
      ...checkExists(file, one, byPath),
    ]),
  ]);
  return [...found, ...checkCycles(files), ...checkHeavy(files, byPath)].sort((a, b) =>
    a.file < b.file ? -1 : 1,
  );
}

const isSource = (file) => file.path.startsWith('packages/') && file.path.includes('/src/');
const isPackageTest = (file) => file.path.startsWith('packages/') && file.path.includes('/test/');
const violation = (file, rule, message) => ({ file: file.path, rule, message });
/** `@scope/name` and `@scope` are matched by `@scope`; `name/sub` by `name`. */
const isPackage = (specifier, name) => specifier === name || specifier.startsWith(`${name}/`);

function checkLength(file) {
  if (file.lines <= MAX_LINES) return [];
  return [violation(file, 'length', `${file.lines} lines, at most ${MAX_LINES}`)];
}

function checkLayer(file, { specifier, target }) {
  if (target === undefined) return [];
  const into = target.startsWith('packages/') ? target.split('/')[1] : target.split('/')[0];
  if (into === file.owner || (isPackageTest(file) && target.startsWith(SHARED_SUITES))) return [];
  if (!(LAYERS[file.owner] ?? []).includes(into)) {
    return [violation(file, 'layer', `${file.owner} may not import ${into} (${specifier})`)];
  }
  if (specifier.startsWith('.') && target.startsWith('packages/') && file.owner !== 'test') {
    return [violation(file, 'layer', `imports another package by its path (${specifier})`)];
  }
  return [];
}

function checkBarrel(file, { specifier, target }) {
  if (!isSource(file) || target === undefined || !target.endsWith('/src/index.ts')) return [];
  return [violation(file, 'barrel', `imports ${specifier}: import the file that defines the name`)];
}

function checkPackage(file, { specifier }, dependencies) {
  if (specifier.startsWith('.') || specifier.startsWith('node:') || isBuiltin(specifier)) return [];
  const banned = (isSource(file) ? (BANNED[file.owner] ?? []) : []).find((name) =>
    isPackage(specifier, name),
  );
  if (banned !== undefined) return [violation(file, 'banned', `${file.owner} may not import ${specifier}`)];
  const own = dependencies[file.owner] ?? [];
  const known = isSource(file) ? own : [...own, ...dependencies.root, `@rios/${file.owner}`];
  const isOutside = file.owner === 'examples' || file.owner === 'scripts';
  const isSdk = isOutside && isPackage(specifier, '@rios/sdk');
  if (isSdk || known.some((name) => isPackage(specifier, name))) return [];
  return [violation(file, 'undeclared', `${specifier} is not in the package.json of ${file.owner}`)];
}

function checkExists(file, { specifier, target }, byPath) {
  if (target === undefined || !target.endsWith('.ts') || byPath.has(target)) return [];
  return [violation(file, 'missing', `${specifier} means ${target}, which is not there`)];
}

function checkCycles(files) {
  const edges = new Map(
    files.map((file) => [
      file.path,
      file.imports.filter(({ kind }) => kind === 'value').map(({ target }) => target),
    ]),
  );
  return findCycles(edges).map((cycle) => ({
    file: cycle[0],
    rule: 'cycle',
    message: `imports itself in a circle: ${cycle.join(' -> ')}`,
  }));
}

/** What a command may load before it runs: its own file, hooks, main, and all that these import at start. */
const isLoadedFirst = ({ path }) => /^packages\/cli\/src\/(main\.ts|commands\/|hooks\/)/.test(path);

function checkHeavy(files, byPath) {
  const queue = files.filter(isLoadedFirst).map((file) => ({ file, via: [file.path] }));
  const seen = new Set(queue.map(({ file }) => file.path));
  const found = [];
  for (const { file, via } of queue) {
    for (const { specifier, kind, target } of file.imports) {
      if (kind !== 'value') continue;
      const heavy = HEAVY.some((name) => isPackage(specifier, name));
      if (heavy)
        found.push(violation(file, 'heavy', `rios loads ${specifier} at start: ${via.join(' -> ')}`));
      const next = byPath.get(target);
      if (next === undefined || seen.has(next.path)) continue;
      seen.add(next.path);
      queue.push({ file: next, via: [...via, next.path] });
    }
  }
  return found;
}
