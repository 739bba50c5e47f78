// Runs a command with a container engine of its own, all of it in a temporary folder:
//
//   node scripts/containers.mjs npm run test:e2e
//   node scripts/containers.mjs npx rios dev
//
// The command finds RIOS_CONTAINER_HOST (podman with runc) and RIOS_CONTAINER_HOST_GVISOR (podman with runsc) set,
// both with the base image rios/node; RIOS_REGISTRY, a local registry (host:port); and the settings that podman itself
// reads, so that `podman ps` in it shows what runs. Needs root and the Debian packages podman, runc, runsc, netavark,
// iptables, nftables, docker-registry and busybox-static. Every container, network and image is removed at the end.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBase } from './containers/build-base.mjs';
import { loadImage } from './containers/load-image.mjs';
import { startPodman } from './containers/podman.mjs';
import { startRegistry } from './containers/registry.mjs';
import { freePort } from './servers/server-process.mjs';

async function main(command) {
  const folder = mkdtempSync(join(tmpdir(), 'rios-containers-'));
  const running = [];
  try {
    const began = Date.now();
    const port = await freePort();
    const registry = `127.0.0.1:${port}`;
    const podman = await startPodman(folder, registry);
    running.push(podman);
    running.push(await startRegistry(folder, port));
    const image = join(folder, 'base.tar');
    await buildBase(image);
    // both services keep their images in the same store
    await loadImage(podman.hosts.standard, image);
    rmSync(image);
    console.error(
      `containers: podman with runc and runsc, and a registry, ready in ${Date.now() - began} ms`,
    );
    return await run(command, {
      ...process.env,
      ...podman.env,
      RIOS_CONTAINER_HOST: podman.hosts.standard,
      RIOS_CONTAINER_HOST_GVISOR: podman.hosts.gvisor,
      RIOS_REGISTRY: registry,
    });
  } finally {
    for (const one of running) await one.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** The exit code of the command; signals go on to it. */
function run([command, ...args], env) {
  const child = spawn(command, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

process.exitCode = await main(process.argv.slice(2));
