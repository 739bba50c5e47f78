import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@rios/sdk/clock';
import type { Identity } from '@rios/sdk/crypto/identity';
import { unseal } from '@rios/sdk/crypto/seal';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { peerSources } from '@rios/sdk/p2p/fetch-file';
import type { Membership } from '@rios/sdk/p2p/join';
import type { Peer } from '@rios/sdk/p2p/peer';
import type { DesiredReplica } from '@rios/sdk/schema/container';
import { envSchema } from '@rios/sdk/schema/deployment';
import type { Signed } from '@rios/sdk/schema/trust';
import { APP } from '@rios/sdk/wire/methods';
import type { DataDir } from '../data-dir.ts';
import type { Members } from '../members.ts';
import { createAppHandlers } from './app-handlers.ts';
import { createContainers } from './containers.ts';
import type { Containers } from './contract.ts';
import { createMeter } from './meter.ts';
import type { PreparedContainers } from './prepare-containers.ts';
import { createSources } from './sources.ts';
import { serveTunnels } from './tunnel-server.ts';

export interface StartContainersModules extends PreparedContainers {
  readonly identity: Identity;
  readonly membership: Membership;
  readonly members: Members;
  readonly peer: Peer;
  readonly dir: DataDir;
  readonly sendReceipts: (receipts: readonly Signed[]) => Promise<boolean>;
  readonly onChange: () => void;
  readonly log: Log;
}

/** Starts what keeps the containers of this worker, and serves orchestrators their logs, commands and ports. */
export async function startContainers(modules: StartContainersModules): Promise<Containers> {
  const { identity, membership, members, peer, dir, log } = modules;
  const directory = join(dir.root, 'containers');
  const isOrchestrator = (peerId: string) =>
    members.orchestrators().some((orchestrator) => orchestrator.peerId === peerId);
  const containers = createContainers({
    ...modules,
    worker: identity.peerId,
    sources: createSources({
      directory,
      sources: () => peerSources(peer, members.orchestrators()),
    }),
    meter: createMeter({
      identity,
      networkId: membership.networkId,
      file: join(directory, 'usage.json'),
      send: modules.sendReceipts,
      clock: systemClock,
      monotonic: () => performance.now(),
      log,
    }),
    openEnv: (desired) => openEnv(dir.sealingKeyFile, desired),
    clock: systemClock,
  });
  await peer.serve(APP, createAppHandlers({ containers, isOrchestrator }));
  await serveTunnels({ peer, portOf: containers.portOf, isOrchestrator, log });
  await containers.start();
  return containers;
}

/** Empty = there are no variables. Throws INTEGRITY_SEAL. */
async function openEnv(keyFile: string, { id, sealedEnv }: DesiredReplica): Promise<Record<string, string>> {
  if (sealedEnv === '') return {};
  const text = Buffer.from(unseal(await readFile(keyFile, 'utf8'), sealedEnv, id)).toString();
  try {
    return envSchema.parse(JSON.parse(text));
  } catch {
    // no cause: it would hold the values
    throw new RiosError('INTEGRITY_SEAL', 'what was sealed is no list of variables');
  }
}
