import { RiosError } from '@rios/sdk/errors/error';
import type { ManifestPart } from '@rios/sdk/schema/manifest';
import type { ModelFiles } from '../engine.ts';
import type { Ort } from './ort.ts';
import { closePart, type OpenPart, openPart } from './part.ts';

/** Parts that a session uses. They stay open until it gives them back, even when unloaded meanwhile. */
export interface PartLease {
  readonly model: ModelFiles;
  part(id: string): OpenPart;
  release(): Promise<void>;
}

/** The parts that this thread has open. */
export interface OpenParts {
  /** Makes a model known. */
  add(model: ModelFiles): void;
  model(modelHash: string): ModelFiles;
  /** Opens parts that are not open yet. All or, when one fails, what was open before. */
  load(modelHash: string, parts: readonly string[]): Promise<void>;
  unload(modelHash: string, parts: readonly string[]): Promise<void>;
  /** Throws RUNTIME_SESSION when one of the parts is not open. */
  lease(modelHash: string, parts: readonly string[]): PartLease;
  clear(): Promise<void>;
}

interface Holding {
  readonly opened: Promise<OpenPart>;
  value: OpenPart | undefined;
  /** Sessions that use it. */
  users: number;
  unloaded: boolean;
}

export function createOpenParts(ort: Ort): OpenParts {
  const models = new Map<string, ModelFiles>();
  const holdings = new Map<string, Holding>();
  const keyOf = (modelHash: string, part: string) => `${modelHash}/${part}`;
  const model = (modelHash: string) => {
    const found = models.get(modelHash);
    if (found === undefined) throw new RiosError('RUNTIME_SESSION', 'the model is not known here');
    return found;
  };
  const open = async (files: ModelFiles, part: ManifestPart) => {
    const key = keyOf(files.modelHash, part.id);
    const existing = holdings.get(key);
    if (existing !== undefined) return existing.opened;
    const opened = openPart(ort, files, part);
    const holding: Holding = { opened, value: undefined, users: 0, unloaded: false };
    holdings.set(key, holding);
    try {
      holding.value = await opened;
    } catch (error) {
      holdings.delete(key);
      throw error;
    }
    return holding.value;
  };
  const drop = async (key: string) => {
    const holding = holdings.get(key);
    if (holding === undefined) return;
    holdings.delete(key);
    holding.unloaded = true;
    if (holding.users === 0) await closePart(await holding.opened);
  };
  const giveBack = async (holding: Holding) => {
    holding.users--;
    if (holding.unloaded && holding.users === 0 && holding.value !== undefined)
      await closePart(holding.value);
  };
  return {
    add: (files) => void models.set(files.modelHash, files),
    model,
    async load(modelHash, parts) {
      const files = model(modelHash);
      const fresh = parts.filter((id) => !holdings.has(keyOf(modelHash, id)));
      try {
        for (const id of parts) await open(files, manifestPart(files, id));
      } catch (error) {
        for (const id of fresh) await drop(keyOf(modelHash, id));
        throw error;
      }
    },
    async unload(modelHash, parts) {
      for (const id of parts) await drop(keyOf(modelHash, id));
    },
    lease(modelHash, parts) {
      const held = new Map(parts.map((id) => [id, holdings.get(keyOf(modelHash, id))] as const));
      return createLease(model(modelHash), held, giveBack);
    },
    async clear() {
      for (const key of [...holdings.keys()]) await drop(key);
    },
  };
}

function createLease(
  model: ModelFiles,
  held: ReadonlyMap<string, Holding | undefined>,
  giveBack: (holding: Holding) => Promise<void>,
): PartLease {
  const parts = new Map<string, OpenPart>();
  for (const [id, holding] of held) {
    if (holding?.value === undefined) throw notLoaded(id);
    parts.set(id, holding.value);
  }
  for (const holding of held.values()) if (holding !== undefined) holding.users++;
  let released = false;
  return {
    model,
    part(id) {
      const part = parts.get(id);
      if (part === undefined) throw notLoaded(id);
      return part;
    },
    async release() {
      if (released) return;
      released = true;
      for (const holding of held.values()) if (holding !== undefined) await giveBack(holding);
    },
  };
}

function manifestPart(model: ModelFiles, id: string): ManifestPart {
  const part = model.manifest.parts.find((candidate) => candidate.id === id);
  if (part !== undefined) return part;
  throw new RiosError('MODEL_BUNDLE_INVALID', `the model has no part ${id}`, { details: { part: id } });
}

const notLoaded = (part: string) =>
  new RiosError('RUNTIME_SESSION', `part ${part} is not loaded here`, { details: { part } });
