import type { AppSpec } from '@rios/sdk/schema/app';
import type { DeploymentPlan } from '@rios/sdk/schema/deployment';
import { compareText } from '../dmoe/facts.ts';
import type { ContainerPrices } from '../store/replicas.ts';
import { hourlyPrice } from './hourly-price.ts';
import type { Host } from './situation.ts';

/** What one container takes of a worker comes from. */
export type TakingSpec = Pick<AppSpec, 'source' | 'resources' | 'env' | 'secrets'>;

/** What a placement goes by. */
export type PlacedSpec = TakingSpec & Pick<AppSpec, 'sandbox' | 'region' | 'labels' | 'maxPriceWei'>;

/** What is taken of a worker by containers that it has or shall have. */
export interface Taken {
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly gpus: number;
  readonly replicas: number;
  /** About what all of them take in the message that tells the worker. */
  readonly wishBytes: number;
}

export const NOTHING_TAKEN: Taken = {
  cpuMillicores: 0,
  memoryBytes: 0,
  diskBytes: 0,
  gpus: 0,
  replicas: 0,
  wishBytes: 0,
};

/** A worker with what is taken of it, and how many replicas of the deployment it has. */
export interface HostLoad {
  readonly host: Host;
  readonly taken: Taken;
  readonly same: number;
  /** Why it gets none of this deployment for a while; null when it may. */
  readonly avoided: string | null;
}

/** Containers that one worker has at most, and the bytes that tell it of them: one message says all (wire/methods). */
const MAX_ON_ONE = 256;
export const MAX_WISH_BYTES = 3.5 * 1024 ** 2;
/** Of one container without environment, file chunks and ticket; and of a secret, as most are. */
const BARE_WISH_BYTES = 4_096;
const SECRET_BYTES = 4_096;

export const addTaken = (taken: Taken, spec: TakingSpec): Taken => ({
  cpuMillicores: taken.cpuMillicores + spec.resources.cpuMillicores,
  memoryBytes: taken.memoryBytes + spec.resources.memoryBytes,
  diskBytes: taken.diskBytes + spec.resources.diskBytes,
  gpus: taken.gpus + spec.resources.gpus,
  replicas: taken.replicas + 1,
  wishBytes: taken.wishBytes + wishBytesOf(spec),
});

/** The environment is sealed and written as base64url; a secret's length is not known here. */
function wishBytesOf({ source, env, secrets }: TakingSpec): number {
  const plain = JSON.stringify(env).length + Object.keys(secrets).length * SECRET_BYTES;
  const chunks = source.kind === 'image' ? 0 : source.file.chunks.length;
  return BARE_WISH_BYTES + Math.ceil(plain / 3) * 4 + chunks * 67;
}

/** Every reason why this worker takes no replica of it, with who falls short by how much; none = it does. */
export function rejectionsOf(
  { host, taken, avoided }: HostLoad,
  spec: PlacedSpec,
  most: ContainerPrices,
): string[] {
  const { offer } = host;
  const reasons: string[] = [];
  if (host.state !== 'listed' && host.state !== 'unreachable') reasons.push(`it is ${host.state}`);
  if (offer === null) return [...reasons, `it takes no containers: ${host.noOffer || 'no engine'}`];
  if (avoided !== null) reasons.push(avoided);
  if (!offer.sandboxes.includes(spec.sandbox)) {
    reasons.push(`it has no sandbox ${spec.sandbox}, only ${offer.sandboxes.join(', ')}`);
  }
  if (spec.source.kind === 'folder' && !offer.bases.includes(spec.source.base)) {
    const has = offer.bases.length === 0 ? 'none' : offer.bases.join(', ');
    reasons.push(`it has no base image ${spec.source.base} (it has ${has})`);
  }
  reasons.push(...misplaced(host, spec), ...shortages(offer, taken, spec));
  return [...reasons, ...tooDear(offer.prices, spec, most)];
}

function misplaced({ region, labels }: Host, spec: PlacedSpec): string[] {
  const reasons: string[] = [];
  if (spec.region !== null && region !== spec.region) {
    reasons.push(`it is in region ${region || '(none)'}, not ${spec.region}`);
  }
  for (const [label, value] of Object.entries(spec.labels)) {
    if (labels[label] !== value)
      reasons.push(`its label ${label} is ${labels[label] ?? 'not set'}, not ${value}`);
  }
  return reasons;
}

function shortages(offer: NonNullable<Host['offer']>, taken: Taken, spec: TakingSpec): string[] {
  const { resources: wanted } = spec;
  const reasons: string[] = [];
  const look = (name: string, free: number, needs: number, show: (amount: number) => string) => {
    if (needs <= free) return;
    const left = Math.max(0, free);
    reasons.push(`${name}: ${show(needs)} needed, ${show(left)} free, ${show(needs - left)} short`);
  };
  const cores = (amount: number) => `${amount / 1000} cores`;
  look('cpu', offer.cpuMillicores - taken.cpuMillicores, wanted.cpuMillicores, cores);
  look('memory', offer.memoryBytes - taken.memoryBytes, wanted.memoryBytes, mebibytes);
  look('disk', offer.diskBytes - taken.diskBytes, wanted.diskBytes, mebibytes);
  look('gpu', offer.gpus - taken.gpus, wanted.gpus, String);
  if (taken.replicas >= MAX_ON_ONE)
    reasons.push(`it has ${taken.replicas} containers, the most that one may have`);
  const over = taken.wishBytes + wishBytesOf(spec) - MAX_WISH_BYTES;
  if (over > 0) reasons.push(`what its containers are told is ${over} bytes too long for one message`);
  return reasons;
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MiB`;

function tooDear(prices: ContainerPrices, spec: PlacedSpec, most: ContainerPrices): string[] {
  const dear = (['cores', 'memory', 'gpus'] as const).filter(
    (name) => BigInt(prices[name]) > BigInt(most[name]),
  );
  if (dear.length > 0) {
    return dear.map(
      (name) => `it asks ${prices[name]} wei for ${name}; the price table allows ${most[name]}`,
    );
  }
  if (spec.maxPriceWei === null) return [];
  const price = hourlyPrice(spec.resources, prices);
  const over = price - BigInt(spec.maxPriceWei);
  return over > 0n
    ? [`it costs ${price} wei an hour, ${over} above the highest price ${spec.maxPriceWei}`]
    : [];
}

/**
 * The worker that gets the next replica: of those that take it the one with fewest of this deployment, then the
 * cheapest, then the one with most of its cores free. Undefined when none takes it.
 */
export function pickHost(
  loads: readonly HostLoad[],
  spec: PlacedSpec,
  most: ContainerPrices,
): HostLoad | undefined {
  return loads
    .filter((load) => rejectionsOf(load, spec, most).length === 0)
    .toSorted((a, b) => compare(a, b, spec))[0];
}

function compare(a: HostLoad, b: HostLoad, spec: PlacedSpec): number {
  const ways = Number(a.host.state !== 'listed') - Number(b.host.state !== 'listed');
  if (a.same !== b.same) return a.same - b.same;
  if (ways !== 0) return ways;
  const price = priceOf(a, spec) - priceOf(b, spec);
  if (price !== 0n) return price < 0n ? -1 : 1;
  return used(a) - used(b) || compareText(a.host.peerId, b.host.peerId);
}

const priceOf = ({ host }: HostLoad, { resources }: PlacedSpec): bigint =>
  host.offer === null ? 0n : hourlyPrice(resources, host.offer.prices);

const used = ({ host, taken }: HostLoad): number =>
  taken.cpuMillicores / Math.max(1, host.offer?.cpuMillicores ?? 1);

/** Where `count` replicas would go if nothing else changed: one that took one before can take another. */
export function planPlacement(
  spec: PlacedSpec,
  count: number,
  { loads, most }: { loads: readonly HostLoad[]; most: ContainerPrices },
): DeploymentPlan {
  const now = new Map(loads.map((load) => [load.host.peerId, load]));
  const placed: DeploymentPlan['placed'] = [];
  let priceWei = 0n;
  for (let index = 0; index < count; index++) {
    const load = pickHost([...now.values()], spec, most);
    if (load === undefined) break;
    const price = priceOf(load, spec);
    priceWei += price;
    placed.push({ worker: load.host.peerId, workerName: load.host.name, priceWei: String(price) });
    now.set(load.host.peerId, withOneMore(load, spec));
  }
  const takers = new Set(placed.map(({ worker }) => worker));
  const rejected = [...now.values()]
    .filter(({ host }) => !takers.has(host.peerId))
    .map((load) => ({
      worker: load.host.peerId,
      workerName: load.host.name,
      reasons: rejectionsOf(load, spec, most),
    }))
    .filter(({ reasons }) => reasons.length > 0);
  return { placed, unplaced: count - placed.length, rejected, priceWei: String(priceWei) };
}

export const withOneMore = (load: HostLoad, spec: TakingSpec): HostLoad => ({
  ...load,
  taken: addTaken(load.taken, spec),
  same: load.same + 1,
});
