import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Manifest } from '@rios/sdk/schema/manifest';
import { type ModelSummary, summariseManifest } from '../dmoe/facts.ts';
import type { LiveWorker } from '../p2p/live-worker.ts';
import { getManifestBytes, listModels, type ModelRecord } from '../store/models.ts';
import type { Store } from '../store/store.ts';
import type { DesiredModel, Exclusion, ObservedWorker, Situation } from './observed.ts';

/** What planning needs of a manifest, and how long its bytes are. */
export interface StoredSummary {
  readonly summary: ModelSummary;
  readonly manifestBytes: number;
}

/** Reads manifests from the store, once per model. */
export type ReadSummary = (model: Pick<ModelRecord, 'name' | 'modelHash'>) => Promise<StoredSummary>;

/** Summaries kept: more models than a network has on workers at a time. */
const MAX_SUMMARIES = 256;

export function createSummaryReader(
  store: Store,
  parseManifest: (bytes: Uint8Array) => Manifest,
): ReadSummary {
  const summaries = new Map<string, StoredSummary>();
  return async ({ name, modelHash }) => {
    const known = summaries.get(modelHash);
    if (known !== undefined) return { ...known, summary: { ...known.summary, name } };
    const bytes = await getManifestBytes(store, name);
    if (bytes === undefined) throw new RiosError('NOT_FOUND_MODEL', `there is no model ${name}`);
    const summary = summariseManifest(parseManifest(bytes), modelHash, name);
    if (summaries.size >= MAX_SUMMARIES) summaries.clear();
    summaries.set(modelHash, { summary, manifestBytes: bytes.length });
    return { summary, manifestBytes: bytes.length };
  };
}

export interface ObserveModules {
  readonly store: Store;
  readonly readSummary: ReadSummary;
  readonly log: Log;
  readonly workers: () => readonly LiveWorker[];
  /** Wei of ROS at stake as last read; null = unknown. */
  readonly stakeOf: (peerId: string) => bigint | null;
  /** The highest ask that may be paid, wei of ROS per 1,000,000 units. */
  readonly mostAskWei: bigint;
  /** The first assignment that named the parts which a worker is to hold now. */
  readonly partsGenerationOf: (peerId: string) => number;
}

/** Reads what is wished and what is so. A model that cannot be read is left out: the others must go on. */
export async function observe(
  { store, readSummary, log, workers, stakeOf, mostAskWei, partsGenerationOf }: ObserveModules,
  exclusions: readonly Exclusion[],
): Promise<Situation> {
  const models: DesiredModel[] = [];
  for (const record of await listModels(store)) {
    try {
      models.push(await toDesired(record, readSummary));
    } catch (error) {
      log.error('a stored model cannot be planned', { model: record.name, error: String(error) });
    }
  }
  return {
    models,
    workers: workers().map((worker) =>
      toObserved(worker, {
        stakeWei: stakeOf(worker.peerId),
        barred: barOf(worker, mostAskWei),
        generation: partsGenerationOf(worker.peerId),
      }),
    ),
    exclusions,
  };
}

async function toDesired(record: ModelRecord, readSummary: ReadSummary): Promise<DesiredModel> {
  return {
    ...(await readSummary(record)),
    wanted: record.wanted,
    shape: record.wantedShape,
    spread: record.wantedSpread,
    minStakeWei: record.wantedMinStakeWei,
    state: record.state,
    reason: record.reason,
    placement: record.placement,
    createdAt: record.createdAt,
    wish: record.wish,
  };
}

const toObserved = (
  worker: LiveWorker,
  { stakeWei, barred, generation }: { stakeWei: bigint | null; barred: string | null; generation: number },
): ObservedWorker => ({
  peerId: worker.peerId,
  state: worker.state,
  reason: worker.reason,
  offer: worker.offer,
  parts: worker.parts,
  rttMs: worker.rttMs,
  sessions: worker.sessions,
  stakeWei,
  barred,
  upToDate: worker.generation >= generation,
});

/** Whoever asks for more than the price table allows would have each request refused. */
function barOf({ offer }: LiveWorker, mostAskWei: bigint): string | null {
  if (BigInt(offer.price) <= mostAskWei) return null;
  return `it asks for ${offer.price} wei; the price table allows ${mostAskWei}`;
}
