import type Docker from 'dockerode';
import { callEngine, dialEngine } from './docker-client.ts';
import type { Engine, NetworkSpec } from './engine.ts';
import { engineError, statusOf } from './engine-error.ts';

type Networks = Pick<Engine, 'ensureNetwork' | 'networks' | 'removeNetwork'>;

/** What an engine does with networks. They are ordinary bridges: our own firewall closes them. */
export function createNetworks(docker: Docker, kind: Engine['kind']): Networks {
  const exists = async (name: string) => {
    const filters = { name: [name] };
    const found = await callEngine('the networks', (options) => docker.listNetworks({ ...options, filters }));
    return found.some(({ Name }) => Name === name);
  };
  return {
    async ensureNetwork(network) {
      if (await exists(network.name)) return;
      try {
        await (kind === 'podman' ? createOnPodman(docker, network) : createOnDocker(docker, network));
      } catch (error) {
        if (!(await exists(network.name))) throw engineError(error, 'a network cannot be made');
      }
    },
    async networks(labels) {
      const filters = { label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) };
      const found = await callEngine('the networks', (options) =>
        docker.listNetworks({ ...options, filters }),
      );
      return found.map(({ Name }) => Name);
    },
    async removeNetwork(name) {
      await docker
        .getNetwork(name)
        .remove({ abortSignal: AbortSignal.timeout(30_000) })
        .catch((error: unknown) => {
          if (statusOf(error) === undefined) throw engineError(error, 'a network');
        });
    },
  };
}

/** By its own API: the Docker one of Podman 4 sets no name of the bridge, and starts a name server. */
async function createOnPodman(docker: Docker, { name, bridge, labels }: NetworkSpec): Promise<void> {
  await dialEngine(docker, 'POST', '/v4.0.0/libpod/networks/create', {
    name,
    driver: 'bridge',
    network_interface: bridge,
    dns_enabled: false,
    labels,
  });
}

async function createOnDocker(docker: Docker, { name, bridge, labels }: NetworkSpec): Promise<void> {
  await docker.createNetwork({
    Name: name,
    Driver: 'bridge',
    CheckDuplicate: true,
    Options: { 'com.docker.network.bridge.name': bridge },
    Labels: { ...labels },
  });
}
