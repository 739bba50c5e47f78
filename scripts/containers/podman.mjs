import { spawnSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { startProcess, stopProcess, waitUntilReady } from '../servers/server-process.mjs';

/**
 * Starts podman's API in `folder`, one service for each of runc and gVisor's runsc, with storage, settings and
 * networks of its own there. `registry` (host:port) is spoken to without TLS. `env` is what podman itself needs;
 * `hosts` are the addresses of the services. stop() removes every container, volume, network and mount.
 */
export async function startPodman(folder, registry) {
  const env = writeSettings(folder, registry);
  const runtimes = { standard: [], gvisor: ['--runtime', 'runsc'] };
  const services = {};
  const podman = (...args) =>
    spawnSync('podman', args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  const stop = async () => {
    // the services first: a worker that is still there would start another container meanwhile
    await Promise.all(Object.values(services).map(({ server }) => stopProcess(server)));
    podman('rm', '--all', '--force', '--time', '0', '--volumes');
    podman('network', 'prune', '--force');
    // the layers' mount point itself
    spawnSync('umount', [join(folder, 'storage', 'overlay')]);
  };
  try {
    for (const [sandbox, flags] of Object.entries(runtimes))
      services[sandbox] = await startService(folder, sandbox, flags, env);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, hosts: { standard: services.standard.host, gvisor: services.gvisor.host }, stop };
}

async function startService(folder, sandbox, flags, env) {
  const own = join(folder, sandbox);
  mkdirSync(own);
  const socket = join(folder, `${sandbox}.sock`);
  const args = [...flags, 'system', 'service', '--time=0', `unix://${socket}`];
  const server = startProcess('podman', args, { folder: own, env });
  await waitUntilReady(server, () => answersPing(socket));
  return { server, host: `unix://${socket}` };
}

function answersPing(socketPath) {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', timeout: 5_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.on('timeout', () => asked.destroy());
    asked.end();
  });
}

/** Everything that podman would otherwise read and write below /etc, /run and /var. */
function writeSettings(folder, registry) {
  const at = (...names) => join(folder, ...names);
  mkdirSync(at('networks'));
  // the gVisor of Debian 12 finds no network in a namespace of podman's, unless it uses the kernel's sockets there
  writeFileSync(at('runsc'), '#!/bin/sh\nexec /usr/bin/runsc --network=host --platform=ptrace "$@"\n');
  chmodSync(at('runsc'), 0o755);
  const quoted = JSON.stringify;
  // apart from the networks of podman on this machine, and from those of a second engine that this script started
  const block = randomInt(90, 128);
  writeFileSync(at('networks', 'podman.json'), JSON.stringify(defaultNetwork(block)));
  writeFileSync(
    at('containers.conf'),
    `[containers]
# podman's own defaults are above what a container may have in CI
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = ${quoted(at('tmp'))}
static_dir = ${quoted(at('storage', 'libpod'))}
volume_path = ${quoted(at('storage', 'volumes'))}
image_copy_tmp_dir = ${quoted(at('tmp'))}
[engine.runtimes]
runc = ["/usr/bin/runc", "/usr/sbin/runc"]
runsc = [${quoted(at('runsc'))}]
[network]
network_backend = "netavark"
network_config_dir = ${quoted(at('networks'))}
default_subnet_pools = [{ base = "10.${block}.0.0/16", size = 24 }]
`,
  );
  writeFileSync(
    at('storage.conf'),
    `[storage]
driver = "overlay"
graphroot = ${quoted(at('storage'))}
runroot = ${quoted(at('run'))}
`,
  );
  writeFileSync(
    at('registries.conf'),
    `unqualified-search-registries = []
[[registry]]
location = ${quoted(registry)}
insecure = true
`,
  );
  return {
    CONTAINERS_CONF: at('containers.conf'),
    CONTAINERS_STORAGE_CONF: at('storage.conf'),
    CONTAINERS_REGISTRIES_CONF: at('registries.conf'),
  };
}

/** The network of containers that name none, with a bridge of its own: podman's would be podman0 in each engine. */
function defaultNetwork(block) {
  return {
    name: 'podman',
    id: createHash('sha256').update('podman').digest('hex'),
    driver: 'bridge',
    network_interface: `rios-ci${block}`,
    created: new Date().toISOString(),
    subnets: [{ subnet: `10.${block}.0.0/24`, gateway: `10.${block}.0.1` }],
    ipv6_enabled: false,
    internal: false,
    dns_enabled: false,
    ipam_options: { driver: 'host-local' },
  };
}
