import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Sandbox } from '@rios/sdk/schema/app';
import { checkSandbox } from './check-sandbox.ts';
import { connectDocker } from './docker-client.ts';
import { type FoundEngine, openDockerEngine } from './docker-engine.ts';
import type { Engine } from './engine.ts';
import type { EngineHosts } from './engine-hosts.ts';

/** For each class that was started once and verified, the engine that runs it. */
export type Engines = ReadonlyMap<Sandbox, Engine>;

/**
 * Finds this machine's engines and proves each class by starting a container in it. A class that fails is left out
 * with a warning.
 *
 * @param worker peer id, for the label of what is started
 * @throws RiosError DEPLOY_ENGINE when there is none, or none runs a container
 */
export async function findEngines(hosts: EngineHosts, worker: string, log: Log): Promise<Engines> {
  const verified = new Map<Sandbox, Engine>();
  const kernels = new Map<Sandbox, string | undefined>();
  const reasons: string[] = [];
  const tryHost = async (host: string, only?: Sandbox) => {
    try {
      const { engine, sandboxes } = await open(host);
      for (const sandbox of only === undefined ? sandboxes : sandboxes.filter((one) => one === only)) {
        if (verified.has(sandbox)) continue;
        kernels.set(sandbox, await checkSandbox(engine, sandbox, worker));
        verified.set(sandbox, engine);
      }
      if (only !== undefined && !verified.has(only)) reasons.push(`${host} does not run ${only}`);
    } catch (error) {
      const { message } = toRiosError(error);
      reasons.push(message);
      log.warn('a container engine cannot be used', { host, error: message });
    }
  };
  const tryCandidates = async () => {
    for (const host of hosts.candidates) {
      const before = verified.size;
      await tryHost(host);
      if (verified.size > before) return;
    }
  };
  await Promise.all([
    tryCandidates(),
    hosts.gvisor === undefined ? undefined : tryHost(hosts.gvisor, 'gvisor'),
    hosts.kata === undefined ? undefined : tryHost(hosts.kata, 'kata'),
  ]);
  dropSameKernel(verified, kernels, log);
  if (verified.size > 0) return verified;
  throw new RiosError('DEPLOY_ENGINE', reasons.at(-1) ?? 'no container engine was found');
}

async function open(host: string): Promise<FoundEngine> {
  return await openDockerEngine(await connectDocker(host));
}

/** gVisor's kernel is its own: one that shows the machine's is no gVisor, whatever the engine says. */
function dropSameKernel(
  verified: Map<Sandbox, Engine>,
  kernels: ReadonlyMap<Sandbox, string | undefined>,
  log: Log,
): void {
  const standard = kernels.get('standard');
  const gvisor = kernels.get('gvisor');
  if (gvisor === undefined || gvisor !== standard) return;
  verified.delete('gvisor');
  log.warn('gvisor is not offered: its containers see the kernel of this machine', { kernel: gvisor });
}
