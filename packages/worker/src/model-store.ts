import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { freeDiskBytes } from '@rios/sdk/disk';
import { type ModelHash, parseSha256 } from '@rios/sdk/ids';
import { partFiles } from '@rios/sdk/model/bundle';
import { type FileSource, fetchFile } from '@rios/sdk/p2p/fetch-file';
import type { ServedFile } from '@rios/sdk/p2p/serve-file';
import { MANIFEST_PATH, type ManifestFile } from '@rios/sdk/schema/manifest';
import type { Assignment } from '@rios/sdk/schema/worker';
import { createCheckedFiles } from './checked-files.ts';
import { requireSpace } from './disk-space.ts';
import { fetchManifest } from './fetch-manifest.ts';
import { createManifestShelf } from './manifest-shelf.ts';
import type { ModelFiles } from './runtime/engine.ts';

export type AssignedModel = Assignment['models'][number];

/** How a fetch reports, and how it is stopped. */
export interface FetchOptions {
  /** Bytes of the part that are here and checked, each time there are more. */
  readonly onBytes: (fetchedBytes: number) => void;
  readonly signal: AbortSignal;
}

/** The model files of this machine: `<models>/<model hash>/…`, laid out as the bundle. */
export interface ModelStore {
  /** Hashes of the models that have files here. */
  list(): Promise<string[]>;
  /**
   * Makes every file of one part be here and checked: the manifest first, then what is missing.
   * Throws CAPACITY_DISK, PEER_UNREACHABLE, MODEL_BUNDLE_INVALID.
   */
  fetchPart(model: AssignedModel, partId: string, options: FetchOptions): Promise<void>;
  /** The manifest and directory of a model whose manifest is here. Throws NOT_FOUND_MODEL. */
  modelFiles(modelHash: string): Promise<ModelFiles>;
  /** The file of that hash, for members that fetch from here. */
  openFile(sha256: string, modelHash: string): Promise<ServedFile | undefined>;
  /** Hashes of the files that are here, whole. */
  listFiles(modelHash: string): Promise<string[]>;
  remove(modelHash: string): Promise<void>;
}

export interface ModelStoreOptions {
  readonly modelsDir: string;
  readonly sourcesOf: (model: AssignedModel) => readonly FileSource[];
  /** Free bytes of the disk; the real ones by default. */
  readonly freeBytes?: (directory: string) => Promise<number>;
}

/** Opens the store; creates nothing before the first fetch. */
export function createModelStore(options: ModelStoreOptions): ModelStore {
  const { modelsDir, sourcesOf, freeBytes = freeDiskBytes } = options;
  const directoryOf = (modelHash: string) => join(modelsDir, modelHash);
  const shelf = createManifestShelf(directoryOf);
  const ensureFile = createEnsureFile(sourcesOf);
  const sizeHere = async (modelHash: string, path: string) =>
    (await stat(join(directoryOf(modelHash), path)).catch(() => undefined))?.size;

  return {
    async list() {
      const names = await readdir(modelsDir).catch((): string[] => []);
      return names.filter((name) => parseSha256(name) !== undefined);
    },
    async fetchPart(model, partId, { onBytes, signal }) {
      const { modelHash, manifestBytes, fetchTicket: ticket } = model;
      const directory = directoryOf(modelHash);
      await mkdir(directory, { recursive: true });
      const sources = sourcesOf(model);
      const { manifest } = await shelf.obtain(modelHash, () =>
        fetchManifest({ modelHash, manifestBytes, ticket, sources, signal }),
      );
      const files = partFiles(manifest, [partId]);
      await requireSpace(directory, files, freeBytes);
      let fetchedBytes = 0;
      const report = (bytes: number) => {
        fetchedBytes += bytes;
        onBytes(fetchedBytes);
      };
      for (const file of files) await ensureFile({ model, file, directory, report, signal });
    },
    async modelFiles(modelHash) {
      const { manifest } = await shelf.get(modelHash);
      return { modelHash: modelHash as ModelHash, manifest, directory: directoryOf(modelHash) };
    },
    async openFile(sha256, modelHash) {
      const { bySha256 } = await shelf.get(modelHash);
      const relative = sha256 === modelHash ? MANIFEST_PATH : bySha256.get(sha256)?.path;
      const sizeBytes = relative === undefined ? undefined : await sizeHere(modelHash, relative);
      if (relative === undefined || sizeBytes === undefined) return undefined;
      return { path: join(directoryOf(modelHash), relative), sizeBytes };
    },
    async listFiles(modelHash) {
      const { manifest } = await shelf.get(modelHash);
      const sizes = await Promise.all(manifest.files.map(({ path }) => sizeHere(modelHash, path)));
      const present = manifest.files.filter(({ sizeBytes }, i) => sizes[i] === sizeBytes);
      return [modelHash, ...present.map(({ sha256 }) => sha256)];
    },
    async remove(modelHash) {
      shelf.forget(modelHash);
      await rm(directoryOf(modelHash), { recursive: true, force: true });
    },
  };
}

interface WantedFile {
  readonly model: AssignedModel;
  readonly file: ManifestFile;
  readonly directory: string;
  readonly report: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Makes one file be here and right. Parts that share a file wait for each other's fetch of it. */
function createEnsureFile(sourcesOf: ModelStoreOptions['sourcesOf']): (wanted: WantedFile) => Promise<void> {
  const checked = createCheckedFiles();
  const running = new Map<string, Promise<void>>();
  const fetchUnlessHere = async ({ model, file, report, signal }: WantedFile, path: string) => {
    if (await checked.check(path, file)) return report(file.sizeBytes);
    await fetchFile({
      file,
      modelHash: model.modelHash,
      ticket: model.fetchTicket,
      sources: sourcesOf(model),
      destination: path,
      onBytes: report,
      signal,
    });
    await checked.trust(path);
  };
  return async (wanted) => {
    const path = join(wanted.directory, wanted.file.path);
    for (let other = running.get(path); other !== undefined; other = running.get(path)) {
      await other.catch(() => {});
    }
    wanted.signal.throwIfAborted();
    const fetching = fetchUnlessHere(wanted, path);
    running.set(path, fetching);
    await fetching.finally(() => running.delete(path));
  };
}
