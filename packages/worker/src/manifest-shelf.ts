import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';
import { parseManifest } from '@rios/sdk/model/bundle';
import { MANIFEST_PATH, type Manifest, type ManifestFile } from '@rios/sdk/schema/manifest';

/** A manifest that was checked against the model hash, with its files by their own hashes. */
export interface ShelvedManifest {
  readonly manifest: Manifest;
  readonly bySha256: ReadonlyMap<string, ManifestFile>;
}

/** The manifests of this machine, each read and checked once. */
export interface ManifestShelf {
  /** Throws NOT_FOUND_MODEL when it is not here. */
  get(modelHash: string): Promise<ShelvedManifest>;
  /** The kept one, else what `fetch` brings, which is kept from then on. Concurrent calls share one fetch. */
  obtain(modelHash: string, fetch: () => Promise<Uint8Array>): Promise<ShelvedManifest>;
  forget(modelHash: string): void;
}

/** Manifests live at `<directoryOf(modelHash)>/manifest.json`. */
export function createManifestShelf(directoryOf: (modelHash: string) => string): ManifestShelf {
  const shelved = new Map<string, Promise<ShelvedManifest>>();
  const remember = (modelHash: string, bring: () => Promise<Uint8Array>): Promise<ShelvedManifest> => {
    const known = shelved.get(modelHash);
    if (known !== undefined) return known;
    const opening = bring().then(shelve);
    shelved.set(modelHash, opening);
    opening.catch(() => shelved.delete(modelHash));
    return opening;
  };
  return {
    get: (modelHash) =>
      remember(modelHash, async () => {
        const kept = await readKept(directoryOf(modelHash), modelHash);
        if (kept !== undefined) return kept;
        throw new RiosError('NOT_FOUND_MODEL', 'this worker has no files of the model', {
          details: { modelHash },
        });
      }),
    obtain: (modelHash, fetch) =>
      remember(modelHash, async () => {
        const directory = directoryOf(modelHash);
        const kept = await readKept(directory, modelHash);
        if (kept !== undefined) return kept;
        const bytes = await fetch();
        await writeFileAtomic(join(directory, MANIFEST_PATH), bytes, 0o644);
        return bytes;
      }),
    forget: (modelHash) => void shelved.delete(modelHash),
  };
}

function shelve(bytes: Uint8Array): ShelvedManifest {
  const manifest = parseManifest(bytes);
  return { manifest, bySha256: new Map(manifest.files.map((file) => [file.sha256, file])) };
}

/** The kept manifest if its hash is right; a wrong one counts as missing. */
async function readKept(directory: string, modelHash: string): Promise<Uint8Array | undefined> {
  const bytes = await readFile(join(directory, MANIFEST_PATH)).catch(() => undefined);
  return bytes !== undefined && sha256Of(bytes) === modelHash ? bytes : undefined;
}
