import type { ContainerCreateOptions } from 'dockerode';
import type { ContainerSpec } from './engine.ts';

/** Open files, and processes of its user (each tenant has a user of its own). */
const NOFILE = 4096;
const NPROC = 4096;
/** gVisor's own threads are counted too: about 50 for an application of one process. */
const GVISOR_PIDS = 256;
const SHM_BYTES = 16 * 1024 * 1024;
const LOG_BYTES = 8 * 1024 * 1024;
const TMPFS = 'rw,nosuid,nodev,mode=1777';

/**
 * A container as the Docker Engine API takes it: no capability, no new privilege, read-only root, a user that is not
 * root, and a bound on all that it can take. Seccomp stays the engine's default.
 *
 * @param runtime undefined = the engine's default one
 */
export function createOptions(spec: ContainerSpec, runtime: string | undefined): ContainerCreateOptions {
  const { uid, ports, run, appFolder } = spec;
  const declared = ports.map((port) => `${port}/tcp`);
  return {
    name: spec.name,
    Image: spec.image,
    // an entry point of one's own also drops the image's command
    ...(run.length === 0 ? {} : { Entrypoint: [...run], Cmd: [] }),
    ...(appFolder === undefined ? {} : { WorkingDir: '/app' }),
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    User: `${uid}:${uid}`,
    Labels: { ...spec.labels },
    ExposedPorts: Object.fromEntries(declared.map((port) => [port, {}])),
    OpenStdin: false,
    Tty: false,
    HostConfig: {
      ...(runtime === undefined ? {} : { Runtime: runtime }),
      ...limitsOf(spec),
      ...privilegesOf(spec),
      NetworkMode: spec.network ?? 'none',
      PortBindings: Object.fromEntries(
        declared.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '' }]]),
      ),
      RestartPolicy: { Name: '' },
    },
  };
}

function limitsOf({ resources, sandbox, volumes }: ContainerSpec) {
  const pids = sandbox === 'gvisor' ? Math.max(resources.pids, GVISOR_PIDS) : resources.pids;
  const tmpfs = `${TMPFS},size=${Math.max(resources.diskBytes, 4096)}`;
  return {
    Memory: resources.memoryBytes,
    // the same: none of it is swap
    MemorySwap: resources.memoryBytes,
    NanoCpus: resources.cpuMillicores * 1_000_000,
    PidsLimit: pids,
    ShmSize: SHM_BYTES,
    Ulimits: [
      { Name: 'nofile', Soft: NOFILE, Hard: NOFILE },
      { Name: 'nproc', Soft: NPROC, Hard: NPROC },
      { Name: 'core', Soft: 0, Hard: 0 },
    ],
    Tmpfs: Object.fromEntries(['/tmp', '/run', '/var/tmp', ...volumes].map((path) => [path, tmpfs])),
    LogConfig: { Type: 'json-file', Config: { 'max-size': String(LOG_BYTES) } },
  };
}

function privilegesOf({ appFolder }: ContainerSpec) {
  return {
    ReadonlyRootfs: true,
    Privileged: false,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ...(appFolder === undefined ? {} : { Binds: [`${appFolder}:/app:ro`] }),
  };
}
