import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { systemClock } from '@rios/sdk/clock';
import { createIdentity, type Identity } from '@rios/sdk/crypto/identity';
import { publicKeyOf } from '@rios/sdk/crypto/peer-id';
import { openSigned } from '@rios/sdk/crypto/signed';
import { silentLog } from '@rios/sdk/log';
import {
  containerReceiptSchema,
  type DesiredReplica,
  desiredReplicaSchema,
  type ObservedReplica,
} from '@rios/sdk/schema/container';
import type { Signed } from '@rios/sdk/schema/trust';
import { createContainers } from '../../packages/worker/src/container/containers.ts';
import type { Containers } from '../../packages/worker/src/container/contract.ts';
import type { Engines } from '../../packages/worker/src/container/find-engines.ts';
import { createMeter } from '../../packages/worker/src/container/meter.ts';
import {
  type PreparedContainers,
  prepareContainers,
} from '../../packages/worker/src/container/prepare-containers.ts';
import { createSources } from '../../packages/worker/src/container/sources.ts';
import { tarOf } from '../../packages/worker/src/container/tar-of.ts';
import { createTempFolder, removeFolder } from './temp-folder.ts';
import { until } from './until.ts';
import type { ContainerServers } from './with-containers.ts';

/** What a test says of a container; the rest is usual. */
export type ReplicaFields = Partial<DesiredReplica> & { readonly id: string };

/** A worker's containers on a real engine, without a network of peers around them. */
export interface ContainerRig {
  readonly identity: Identity;
  readonly prepared: PreparedContainers;
  readonly containers: Containers;
  /** Receipts that were sent, newest last. */
  readonly receipts: () => readonly ReturnType<typeof containerReceiptSchema.parse>[];
  readonly folder: string;
  /** Has these containers and no other one, each in the state (healthy unless said). */
  run(replicas: readonly ReplicaFields[], state?: ObservedReplica['state']): Promise<void>;
  /** Puts a file where a fetch would have put it. */
  place(sha256: string, bytes: Uint8Array): void;
  /** Wishes them, and waits for nothing. */
  wish(replicas: readonly ReplicaFields[]): void;
  seen(id: string): ObservedReplica | undefined;
  until(what: string, look: () => boolean): Promise<unknown>;
  /** Runs a script in busybox's shell; the output of both streams together. */
  shell(id: string, script: string): Promise<{ readonly code: number; readonly output: string }>;
  /** A worker like this one that starts anew: the same identity and folder. The old one is left as if it had died. */
  again(): Promise<ContainerRig>;
  stop(): Promise<void>;
}

export interface RigOptions {
  /** Takes others than those that were found. */
  readonly engines?: (found: Engines) => Engines;
}

/** Answers with what it is asked for: its variables, and the kernel that it sees. */
const SERVER = `
const { createServer } = require('node:http');
const { release } = require('node:os');
console.log('listening');
process.once('SIGTERM', () => process.exit(0));
createServer((request, response) => {
  response.end(JSON.stringify({ kernel: release(), env: process.env, url: request.url }));
}).listen(process.env.PORT);
`;
const MIB = 1024 ** 2;
const NETWORK_ID = `net_${'0'.repeat(32)}`;

/** Opens a rig on the engines of scripts/containers.mjs. */
export async function openContainerRig(
  servers: ContainerServers,
  options: RigOptions = {},
): Promise<ContainerRig> {
  return await open(servers, createIdentity(), await createTempFolder(), options);
}

async function open(
  servers: ContainerServers,
  identity: Identity,
  folder: string,
  { engines = (found) => found }: RigOptions,
): Promise<ContainerRig> {
  const hosts = {
    candidates: [servers.env.RIOS_CONTAINER_HOST],
    gvisor: servers.env.RIOS_CONTAINER_HOST_GVISOR || undefined,
    kata: undefined,
    isNamed: true,
  };
  const lends = { worker: identity.peerId, memoryBytes: 4 * 1024 * MIB };
  const prepared = await prepareContainers(hosts, lends, silentLog);
  if ('reason' in prepared) throw new Error(`no containers here: ${prepared.reason}`);
  const app = await packFolder({ 'server.js': SERVER });
  const sent: Signed[] = [];
  const meter = createMeter({
    identity,
    networkId: NETWORK_ID,
    file: join(folder, 'usage.json'),
    send: async (receipts) => {
      sent.push(...receipts);
      return true;
    },
    clock: systemClock,
    monotonic: () => performance.now(),
    log: silentLog,
  });
  const containers = createContainers({
    ...prepared,
    engines: engines(prepared.engines),
    worker: identity.peerId,
    sources: createSources({ directory: folder, sources: () => [] }),
    meter,
    openEnv: async () => ({ SECRET: 'hush' }),
    onChange: () => {},
    clock: systemClock,
    log: silentLog,
  });
  await containers.start();
  let generation = containers.report().generation;
  const wish = (replicas: readonly ReplicaFields[]) => {
    placeFile(folder, app);
    containers.want({ generation: ++generation, replicas: replicas.map((one) => desired(app.file, one)) });
  };
  const seen = (id: string) => containers.report().replicas.find((one) => one.id === id);
  const waitFor = (what: string, look: () => boolean) =>
    until(what, async () => look() || undefined, 60_000).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(containers.report())}`, { cause: error });
    });
  return {
    identity,
    prepared,
    containers,
    folder,
    receipts: () =>
      sent.map((signed) =>
        openSigned('containerReceipt', signed, publicKeyOf(identity.peerId), containerReceiptSchema),
      ),
    place: (sha256, bytes) => {
      mkdirSync(join(folder, 'files'), { recursive: true });
      writeFileSync(join(folder, 'files', sha256), bytes);
    },
    wish,
    seen,
    until: waitFor,
    async run(replicas, state = 'healthy') {
      wish(replicas);
      await waitFor(`${replicas.length} containers in the state ${state}`, () => {
        const { replicas: all } = containers.report();
        const isThere = ({ id, attempt = 1 }: ReplicaFields) =>
          all.some((one) => one.id === id && one.attempt === attempt && one.state === state);
        return all.length === replicas.length && replicas.every(isThere);
      });
    },
    async shell(replicaId, script) {
      let output = '';
      const request = {
        replicaId,
        command: ['busybox', 'sh', '-c', script],
        stdin: new Uint8Array(),
        timeoutMs: 30_000,
      };
      const code = await containers.exec(
        request,
        async ({ bytes }) => {
          output += Buffer.from(bytes).toString();
        },
        AbortSignal.timeout(30_000),
      );
      return { code, output };
    },
    again: () => open(servers, identity, folder, {}),
    async stop() {
      await containers.stop();
      await removeFolder(folder);
    },
  };
}

interface PackedFolder {
  readonly packed: Uint8Array;
  readonly file: { readonly sha256: string; readonly sizeBytes: number; readonly chunks: readonly string[] };
}

async function packFolder(files: Record<string, string>): Promise<PackedFolder> {
  const entries = Object.entries(files).map(([path, text]): [string, Uint8Array] => [
    path,
    Buffer.from(text),
  ]);
  const packed = gzipSync(await tarOf(new Map(entries)));
  const sha256 = createHash('sha256').update(packed).digest('hex');
  return { packed, file: { sha256, sizeBytes: packed.length, chunks: [sha256] } };
}

/** Where a fetch would have put it: found whole, nothing is asked for. */
function placeFile(folder: string, { packed, file }: PackedFolder): void {
  if (existsSync(join(folder, 'folders', file.sha256))) return;
  mkdirSync(join(folder, 'files'), { recursive: true });
  writeFileSync(join(folder, 'files', file.sha256), packed);
}

function desired(file: PackedFolder['file'], fields: ReplicaFields): DesiredReplica {
  const signed = { payload: 'AA', signature: 'AA' };
  return desiredReplicaSchema.parse({
    deploymentId: 'dep_0000000000000000',
    app: 'hello',
    release: 1,
    tenant: 'a'.repeat(32),
    source: { kind: 'folder', file, base: 'rios/node' },
    run: ['node', 'server.js'],
    ports: [8080],
    sealedEnv: '',
    resources: { cpuMillicores: 500, memoryBytes: 96 * MIB, diskBytes: 8 * MIB, pids: 64, gpus: 0 },
    health: {
      kind: 'http',
      path: '/',
      port: 8080,
      graceMs: 10_000,
      intervalMs: 200,
      timeoutMs: 2_000,
      threshold: 3,
    },
    sandbox: 'standard',
    egress: [],
    fetchTicket: { ticket: signed, certificate: signed },
    attempt: 1,
    prices: { cores: '1', memory: '1', gpus: '1' },
    ticketNonce: createHash('md5').update(fields.id).digest('hex'),
    ...fields,
  });
}
