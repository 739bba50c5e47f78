import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { ModelView } from '@rios/sdk/schema/api';
import type { Manifest } from '@rios/sdk/schema/manifest';
import type { Shape } from '@rios/sdk/schema/route';
import { type AuditFact, appendAudit } from '../store/audit.ts';
import { isHeldBy } from '../store/blob-copies.ts';
import { getBlob, ownsBlob } from '../store/blobs.ts';
import { AT_ONCE, enqueueEvaluation } from '../store/evaluations.ts';
import { addEvent } from '../store/events.ts';
import * as rows from '../store/models.ts';
import type { Store } from '../store/store.ts';
import type { BlobOwner, Blobs } from './blobs.ts';

/** Missing files told to the caller at most. */
const MAX_TOLD = 20;

/** Registered models. `by`: account of who asks, for the audit log. */
export interface Models {
  /**
   * Registers the manifest's exact bytes under a name; all its files must be stored. The same bytes again change
   * nothing. Throws MODEL_BUNDLE_INVALID, NOT_FOUND_BLOB, CONFLICT_EXISTS.
   */
  register(name: string, manifest: Uint8Array, owner: BlobOwner, by?: string): Promise<ModelView>;
  list(): Promise<ModelView[]>;
  /** Throws NOT_FOUND_MODEL, as all that follow. */
  get(name: string): Promise<ModelView>;
  manifest(name: string): Promise<{ bytes: Uint8Array; modelHash: string }>;
  /** Takes the model off the network and its blobs off the disk. */
  remove(name: string, by?: string): Promise<void>;
  /** Wishes the model on workers; the loop makes it so. */
  place(name: string, wish: Wish, by?: string): Promise<ModelView>;
  /** Wishes the model off all workers. */
  unload(name: string, by?: string): Promise<ModelView>;
}

export interface Wish {
  /** Null = the planner's choice. */
  readonly shape: Shape | null;
  readonly spread: boolean;
  /** Wei of ROS that each worker must have at stake; null = any. */
  readonly minStakeWei?: bigint | null;
}

export interface ModelModules {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  /** Reads a manifest and checks that it agrees with itself. Throws MODEL_BUNDLE_INVALID. */
  readonly parseManifest: (bytes: Uint8Array) => Manifest;
  /** Key of the evaluation that places a model. */
  readonly evaluationKey: (name: string) => string;
  /** Tells the loop that an evaluation waits. */
  readonly wake: () => void;
}

export function createModels(modules: ModelModules): Models {
  const { store } = modules;
  return {
    register: (name, manifest, owner, by = '') => register(modules, name, manifest, owner, by),
    list: async () => (await rows.listModels(store)).map(viewOf),
    get: async (name) => viewOf(await getModel(store, name)),
    manifest: async (name) => {
      const { modelHash } = await getModel(store, name);
      const bytes = await rows.getManifestBytes(store, name);
      if (bytes === undefined) throw notFound(name);
      return { bytes, modelHash };
    },
    remove: (name, by = '') => remove(modules, name, by),
    place: (name, wish, by = '') => want(modules, name, { on: true, ...wish }, by),
    unload: (name, by = '') => want(modules, name, { on: false, shape: null, spread: false }, by),
  };
}

/** A stored model as users see it. */
export function viewOf(model: rows.ModelRecord): ModelView {
  const placement = model.wanted ? model.placement : null;
  return {
    name: model.name,
    modelHash: model.modelHash,
    state: model.state,
    reason: model.reason,
    sizeBytes: model.sizeBytes,
    parameters: model.parameters,
    shape: placement?.shape ?? model.wantedShape,
    placement,
    error: model.error,
    createdAt: model.createdAt,
  };
}

async function getModel(store: Store, name: string): Promise<rows.ModelRecord> {
  const model = await rows.getModel(store, name);
  if (model === undefined) throw notFound(name);
  return model;
}

const notFound = (name: string) => new RiosError('NOT_FOUND_MODEL', `there is no model ${name}`);

async function register(
  { store, blobs, clock, parseManifest }: ModelModules,
  name: string,
  bytes: Uint8Array,
  owner: BlobOwner,
  by: string,
): Promise<ModelView> {
  const manifest = parseManifest(bytes);
  const modelHash = await blobs.put(bytes, owner);
  return store.transaction().execute(async (tx) => {
    const known = await rows.getModel(tx, name);
    if (known?.modelHash === modelHash) return viewOf(known);
    if (known !== undefined) {
      throw new RiosError('CONFLICT_EXISTS', `another model is registered as ${name}`, {
        details: { name, modelHash: known.modelHash, given: modelHash },
      });
    }
    await checkFiles(tx, manifest, owner.accountId, blobs.holders());
    const model = describe(name, modelHash, manifest, owner.accountId, clock.now());
    const files = new Set([modelHash, ...manifest.files.map((file) => file.sha256)]);
    await rows.insertModel(tx, model, bytes, [...files]);
    await addEvent(tx, {
      at: clock.now(),
      kind: 'model.registered',
      subject: name,
      message: `${manifest.parts.length} parts, ${model.sizeBytes} bytes`,
    });
    await audit(tx, clock, { actor: by, action: 'model.register', subject: name, details: { modelHash } });
    return viewOf(model);
  });
}

function describe(
  name: string,
  modelHash: string,
  manifest: Manifest,
  accountId: string,
  now: number,
): rows.ModelRecord {
  return {
    name,
    modelHash,
    sizeBytes: manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0),
    parameters: manifest.parts.reduce((sum, part) => sum + part.parameters, 0),
    state: 'stored',
    reason: 'not placed yet',
    wanted: false,
    wantedShape: null,
    wantedSpread: false,
    wantedMinStakeWei: null,
    wish: 0,
    placement: null,
    error: null,
    accountId,
    createdAt: now,
  };
}

const audit = (tx: Store, clock: Clock, fact: Omit<AuditFact, 'at'>) =>
  appendAudit(tx, { ...fact, at: clock.now(), details: { ...fact.details, outcome: 'ok' } });

/** Another account's blobs don't count: who registers must have sent the files. Nor does what no live orchestrator has. */
async function checkFiles(
  tx: Store,
  manifest: Manifest,
  accountId: string,
  holders: readonly string[],
): Promise<void> {
  const missing: string[] = [];
  for (const file of manifest.files) {
    const blob = await getBlob(tx, file.sha256);
    const stored = blob?.size_bytes === file.sizeBytes && (await isHeldBy(tx, file.sha256, holders));
    if (!stored || !(await ownsBlob(tx, file.sha256, accountId))) missing.push(file.path);
  }
  if (missing.length === 0) return;
  throw new RiosError('NOT_FOUND_BLOB', `${missing.length} files of the model are not stored`, {
    details: { missing: missing.slice(0, MAX_TOLD), count: missing.length },
  });
}

async function remove(
  { store, blobs, clock, evaluationKey, wake }: ModelModules,
  name: string,
  by: string,
): Promise<void> {
  const files = await store.transaction().execute(async (tx) => {
    const { modelHash } = await getModel(tx, name);
    const claimed = await rows.listModelFiles(tx, modelHash);
    await rows.deleteModel(tx, name);
    const now = clock.now();
    await enqueueEvaluation(tx, { key: evaluationKey(name), reason: 'removed', dueAt: AT_ONCE });
    await addEvent(tx, {
      at: now,
      kind: 'model.removed',
      subject: name,
      message: 'removed from the network',
    });
    await audit(tx, clock, { actor: by, action: 'model.remove', subject: name, details: { modelHash } });
    return claimed;
  });
  wake();
  await blobs.collect(files);
}

/** Who asks for a placement gets the best one there is now, not a mended old one. */
const PLAN_ANEW = { state: 'placing', reason: 'asked to be placed', placement: null } as const;
/** The placement stays until the loop has taken it off, and says so. */
const TAKE_OFF = { state: 'stored', reason: 'being taken off its workers' } as const;

function describeWish({ shape, spread, minStakeWei = null }: Wish): Record<string, string> {
  const stake = minStakeWei === null ? {} : { minStakeWei: String(minStakeWei) };
  return { shape: shape ?? 'any', spread: String(spread), ...stake };
}

async function want(
  { store, clock, evaluationKey, wake }: ModelModules,
  name: string,
  wanted: Wish & { readonly on: boolean },
  by: string,
): Promise<ModelView> {
  const { on } = wanted;
  const details = on ? describeWish(wanted) : {};
  const reason = on ? 'asked to be placed' : 'asked to be unloaded';
  const view = await store.transaction().execute(async (tx) => {
    await getModel(tx, name);
    await rows.setWanted(tx, name, wanted);
    await rows.setModelState(tx, name, wanted.on ? PLAN_ANEW : TAKE_OFF);
    await enqueueEvaluation(tx, { key: evaluationKey(name), reason, dueAt: AT_ONCE });
    const action = on ? 'model.place' : 'model.unload';
    await audit(tx, clock, { actor: by, action, subject: name, details });
    return viewOf(await getModel(tx, name));
  });
  wake();
  return view;
}
