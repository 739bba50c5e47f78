import { CHUNK_BYTES, type Manifest, type ManifestFile } from '@rios/sdk/schema/manifest';
import type { BlobSize } from '../services/blobs-port.ts';
import { getManifestBytes, listModelsWithFile } from '../store/models.ts';
import type { Store } from '../store/store.ts';

/** A blob as a manifest describes it; undefined when it has several chunks and no manifest names it. */
export type ChunkHashes = (blob: BlobSize) => Promise<ManifestFile | undefined>;

/** Finds the chunks' hashes of blobs in the manifests of registered models; keeps the last manifest. */
export function createChunkHashes(modules: {
  store: Store;
  parseManifest: (bytes: Uint8Array) => Manifest;
}): ChunkHashes {
  const { store, parseManifest } = modules;
  let last: { modelHash: string; files: ReadonlyMap<string, ManifestFile> } | undefined;

  const read = async (name: string, modelHash: string) => {
    if (last?.modelHash === modelHash) return last.files;
    const bytes = await getManifestBytes(store, name);
    const manifest = bytes && readable(parseManifest, bytes);
    if (manifest === undefined) return undefined;
    const files = new Map(manifest.files.map((file) => [file.sha256, file]));
    last = { modelHash, files };
    return files;
  };
  return async ({ sha256, sizeBytes }) => {
    if (sizeBytes <= CHUNK_BYTES) {
      return { path: sha256, sizeBytes, sha256, chunks: sizeBytes === 0 ? [] : [sha256] };
    }
    const [model] = await listModelsWithFile(store, sha256, 1);
    if (model === undefined) return undefined;
    const file = (await read(model.name, model.modelHash))?.get(sha256);
    return file?.sizeBytes === sizeBytes ? file : undefined;
  };
}

/** One that this version cannot read is no reason to be without the blob. */
function readable(parseManifest: (bytes: Uint8Array) => Manifest, bytes: Uint8Array): Manifest | undefined {
  try {
    return parseManifest(bytes);
  } catch {
    return undefined;
  }
}
