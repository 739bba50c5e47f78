import { WORKER_LABEL } from '@rios/sdk/schema/container';
import type { Devnet } from './devnet.ts';
import { runProgram } from './run-script.ts';

/** Ids of the containers that the engine has for this network's workers, running or not. */
export async function ourContainers(network: Pick<Devnet, 'workers'>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { peerId } of network.workers) {
    const args = ['ps', '--all', '--quiet', '--filter', `label=${WORKER_LABEL}=${peerId}`];
    const { code, stdout, stderr } = await runProgram('podman', args);
    if (code !== 0) throw new Error(`podman ps: ${stderr}`);
    found.push(...stdout.split('\n').filter(Boolean));
  }
  return found;
}
