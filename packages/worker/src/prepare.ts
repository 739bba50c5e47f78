import { mkdir } from 'node:fs/promises';
import { platform } from 'node:os';
import { systemClock } from '@rios/sdk/clock';
import { type DirectoryLock, lockDirectory } from '@rios/sdk/config/directory-lock';
import { type Identity, loadOrCreateIdentity } from '@rios/sdk/crypto/identity';
import { createLog, type Log } from '@rios/sdk/log';
import type { Offer } from '@rios/sdk/schema/worker';
import type { MachineFacts } from '@rios/sdk/schema/worker-process';
import {
  type NoContainers,
  type PreparedContainers,
  prepareContainers,
} from './container/prepare-containers.ts';
import { type DataDir, dataDirOf } from './data-dir.ts';
import { prepareLogFile } from './log-file.ts';
import { chooseEntry, type Entry, readInvite } from './membership.ts';
import { availableMemoryBytes, offeredMemoryBytes } from './memory.ts';
import { createOffer } from './offer.ts';
import { childProber, measureBandwidth } from './probe/child-prober.ts';
import { probeMachine } from './probe/probe.ts';
import { cachedFacts, probeKey } from './probe/probe-cache.ts';
import { isaTier, numericClass } from './runtime/numeric-class.ts';
import { loadOrCreateSealingKey } from './sealing-key.ts';
import type { StartOptions } from './start-options.ts';
import { openWalletBinding, type ReadWalletBinding } from './wallet-binding.ts';

/** What a worker has before it opens anything to the network. */
export interface Prepared {
  readonly dir: DataDir;
  readonly log: Log;
  readonly identity: Identity;
  readonly entry: Entry;
  readonly offer: Offer;
  readonly walletBinding: ReadWalletBinding;
  readonly containers: PreparedContainers | NoContainers;
}

/** Takes the data directory. Throws CONFLICT_IN_USE naming the process that has it. */
export async function takeDirectory(root: string): Promise<{ dir: DataDir; lock: DirectoryLock }> {
  const dir = dataDirOf(root);
  const lock = await lockDirectory(root, 'worker');
  return { dir, lock };
}

/**
 * Everything that can fail without the network: who this worker is, how it gets in, what the machine can do.
 * Throws AUTH_*, NOT_FOUND_FILE, USER_INVALID_REQUEST, INTEGRITY_KEY_FILE, CAPACITY_NO_GPU, RUNTIME_SESSION.
 */
export async function prepare(options: StartOptions, dir: DataDir): Promise<Prepared> {
  await prepareLogFile(dir.logFile);
  const log = await createLog('worker', options.logLevel, dir.logFile);
  const invite = options.join === undefined ? undefined : await readInvite(options.join, systemClock.now());
  const entry = await chooseEntry(dir.membershipFile, invite);
  const walletBinding = await openWalletBinding(
    { ownFile: dir.walletBindingFile, namedFile: options.walletBinding },
    log,
  );
  const identity = await loadOrCreateIdentity(dir.identityFile);
  await mkdir(dir.modelsDir, { recursive: true });
  const memoryBytes = offeredMemoryBytes(await availableMemoryBytes(), options.memoryBytes);
  const [facts, containers] = await Promise.all([
    measure(dir, options.gpu),
    lendContainers(options, { worker: identity.peerId, memoryBytes }, log),
  ]);
  const offer = createOffer(
    { ...options, memoryBytes },
    facts,
    numericClass(facts.provider.name),
    await loadOrCreateSealingKey(dir.sealingKeyFile),
    containers,
  );
  return { dir, log, identity, entry, offer, walletBinding, containers };
}

function lendContainers(
  { engineHosts }: StartOptions,
  lends: Parameters<typeof prepareContainers>[1],
  log: Log,
): Promise<PreparedContainers | NoContainers> {
  if (engineHosts === undefined) return Promise.resolve({ reason: 'started with --no-containers' });
  return prepareContainers(engineHosts, lends, log);
}

/** A GPU is proved anew at every start; what the CPU does is remembered for a day. */
function measure(dir: DataDir, gpu: boolean): Promise<MachineFacts> {
  const probe = () => probeMachine(realTools(), gpu);
  return gpu ? probe() : cachedFacts(dir.probeFile, probeKey(), systemClock.now(), probe);
}

/** How this machine is measured for real. */
export const realTools = () => ({
  prober: childProber,
  measureBandwidth,
  isa: isaTier,
  platform: platform(),
});
