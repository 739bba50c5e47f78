// Builds the base image rios/node, offline: Node, the system's libraries that it is linked with, and busybox where it
// is installed (Debian: busybox-static), so that an app also has a shell.
//
//   node scripts/containers/build-base.mjs                        loads it into the container engine of this machine
//   node scripts/containers/build-base.mjs --host unix:///run/podman/podman.sock
//   node scripts/containers/build-base.mjs --out rios-node.tar    writes a docker-archive (podman load -i, docker load -i)
//
// Built from the Node that the repository brings, on Linux only. The same files make the same image.
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chooseNode } from '../setup/node.js';
import { writeDockerArchive } from './docker-archive.mjs';
import { loadImage } from './load-image.mjs';
import { stageRoot } from './stage-root.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BASE_IMAGE = 'rios/node';
/** In the order in which a worker looks for them. */
const SOCKETS = ['/var/run/docker.sock', '/run/podman/podman.sock'];

/** Writes the image to `file`. Throws where Node is not linked as on Linux. */
export async function buildBase(file) {
  const folder = mkdtempSync(join(tmpdir(), 'rios-base-'));
  try {
    const root = join(folder, 'root');
    stageRoot(root, chooseNode(ROOT).path);
    await writeDockerArchive({
      root,
      file,
      scratch: folder,
      name: BASE_IMAGE,
      config: {
        Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'NODE_ENV=production', 'HOME=/tmp'],
        WorkingDir: '/app',
        Cmd: ['node', '.'],
        User: '1000:1000',
        // a worker offers what has this label
        Labels: { 'net.rios.base': BASE_IMAGE },
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function findHost() {
  const given = process.env.RIOS_CONTAINER_HOST;
  if (given) return given;
  const socket = SOCKETS.find((path) => existsSync(path));
  if (socket === undefined)
    throw new Error('no container engine found: start one, or give --host unix:///… or --out <file>');
  return `unix://${socket}`;
}

async function main() {
  const { values } = parseArgs({ options: { out: { type: 'string' }, host: { type: 'string' } } });
  if (values.out !== undefined) {
    await buildBase(resolve(values.out));
    console.log(`${BASE_IMAGE}: written to ${values.out}`);
    return;
  }
  const host = values.host ?? findHost();
  const folder = mkdtempSync(join(tmpdir(), 'rios-base-'));
  try {
    const file = join(folder, 'image.tar');
    await buildBase(file);
    await loadImage(host, file);
    console.log(`${BASE_IMAGE}: loaded into ${host}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const isProgram =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isProgram) await main();
