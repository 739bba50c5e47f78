import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const BUSYBOX = ['/usr/bin/busybox', '/bin/busybox'];
const ETC = {
  passwd: 'root:x:0:0:root:/:/bin/sh\napp:x:1000:1000:app:/tmp:/bin/sh\n',
  group: 'root:x:0:\napp:x:1000:\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Makes the image's root file system in `root`: the Node at `node` and its libraries, busybox where it is installed. */
export function stageRoot(root, node) {
  for (const [path, mode] of [
    ['app', 0o755],
    ['etc', 0o755],
    ['bin', 0o755],
    ['tmp', 0o1777],
  ]) {
    mkdirSync(join(root, path), { recursive: true });
    chmodSync(join(root, path), mode);
  }
  for (const [name, text] of Object.entries(ETC)) place(root, `/etc/${name}`, 0o644, text);
  const program = realpathSync(node);
  copy(root, program, '/usr/local/bin/node', 0o755);
  for (const library of librariesOf(program)) copy(root, realpathSync(library), library, 0o755);
  stageBusybox(root);
}

/** Where the program's shared libraries lie, by the system's own loader. */
function librariesOf(program) {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const paths = [...listed.matchAll(/(?:=>\s*)?(\/\S+)\s+\(0x/g)].map(([, path]) => path);
  if (paths.length === 0)
    throw new Error(`ldd lists no library of ${program}: an image is built on Linux only`);
  return paths;
}

function stageBusybox(root) {
  const found = BUSYBOX.find((path) => existsSync(path));
  if (found === undefined) return;
  copy(root, found, '/bin/busybox', 0o755);
  // linked statically in Debian's busybox-static; Debian's plain busybox is not
  for (const library of listLibraries(found)) copy(root, realpathSync(library), library, 0o755);
  const applets = execFileSync(found, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const applet of applets) {
    const path = join(root, 'bin', applet);
    if (!existsSync(path)) symlinkSync('busybox', path);
  }
}

function listLibraries(program) {
  try {
    return librariesOf(program);
  } catch {
    return [];
  }
}

function copy(root, from, to, mode) {
  const target = join(root, to);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(from, target, constants.COPYFILE_FICLONE);
  chmodSync(target, mode);
}

function place(root, path, mode, text) {
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}
