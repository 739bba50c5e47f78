// Makes package-lock.json complete on every machine. Run it after each change of a dependency:
//   node scripts/fill-lock.mjs [--check] [path of the lock]
//
// 1. Optional platform packages that the registry in use does not serve are missing from a lock made there, and
//    `npm ci` then calls the lock out of sync. Their entries follow from the name and the exact version asked for.
// 2. `npm ci` silently skips an optional platform package whose `engines` excludes the system's Node, although it
//    will run under the Node that this repository brings. So their `engines` are dropped.
// 3. `resolved` addresses are dropped: integrity decides, and each machine asks its own registry.
//
// --check changes nothing and exits with 1 when something would change.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const OS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const CPU = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32'];

/** Returns the completed lock and what was changed; `lock` itself stays as it is. */
export function fillLock(lock) {
  const packages = structuredClone(lock.packages);
  const changes = [];
  for (const [at, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isInstalled(packages, at, name)) continue;
      const platform = platformOf(name);
      if (platform === undefined || !/^\d+\.\d+\.\d+/.test(version)) continue;
      const place = packages[placeOf('', name)] === undefined ? '' : at;
      packages[placeOf(place, name)] = {
        version,
        ...platform,
        ...(entry.dev ? { dev: true } : {}),
        optional: true,
      };
      changes.push(`added ${name}@${version}`);
    }
  }
  for (const [at, entry] of Object.entries(packages)) {
    if (entry.optional && (entry.os || entry.cpu) && entry.engines) {
      delete entry.engines;
      changes.push(`dropped engines of ${at}`);
    }
    if (/^https?:/.test(entry.resolved ?? '')) {
      delete entry.resolved;
      changes.push(`dropped resolved of ${at}`);
    }
  }
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { lock: { ...lock, packages: Object.fromEntries(sorted) }, changes };
}

/** Looks where Node would: beside the package, then in each node_modules above it. */
function isInstalled(packages, at, name) {
  for (let folder = at; ; folder = parentOf(folder)) {
    if (packages[placeOf(folder, name)]) return true;
    if (folder === '') return false;
  }
}

function parentOf(folder) {
  const cut = folder.lastIndexOf('/node_modules/');
  if (cut >= 0) return folder.slice(0, cut);
  return '';
}

const placeOf = (folder, name) => `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;

/** The os, cpu and libc fields that a platform package's name stands for; undefined when it names neither. */
function platformOf(name) {
  const words = name.split(/[^a-z0-9]+/);
  const os = OS.find((word) => words.includes(word));
  const cpu = CPU.find((word) => words.includes(word));
  if (os === undefined && cpu === undefined) return undefined;
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(words.includes('musl') ? { libc: ['musl'] } : {}),
    ...(os === undefined ? {} : { os: [os] }),
  };
}

function main(args) {
  const check = args.includes('--check');
  const file = args.find((arg) => !arg.startsWith('--')) ?? new URL('../package-lock.json', import.meta.url);
  const before = readFileSync(file, 'utf8');
  const { lock, changes } = fillLock(JSON.parse(before));
  const after = `${JSON.stringify(lock, null, 2)}\n`;
  for (const change of changes) console.log(change);
  if (after === before) return console.log('package-lock.json is complete');
  if (check) {
    console.log('package-lock.json is not complete: run node scripts/fill-lock.mjs');
    process.exitCode = 1;
  } else writeFileSync(file, after);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv.slice(2));
