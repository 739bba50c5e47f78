import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { RiosError } from '../errors/error.ts';
import type { ModelHash, PartId } from '../ids.ts';
import {
  MANIFEST_PATH,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type ManifestFile,
  manifestSchema,
} from '../schema/manifest.ts';
import { bundleInvalid, checkManifest } from './manifest-check.ts';
import { readSmallFile } from './read-json.ts';

/** Beside the manifest: its sha256, so that a changed manifest is noticed before it is believed. */
export const MANIFEST_DIGEST_PATH = 'manifest.sha256';

/** A bundle's manifest as read, with its identity. */
export interface ManifestRead {
  readonly manifest: Manifest;
  readonly modelHash: ModelHash;
  readonly bytes: Uint8Array;
}

/** The model hash of a manifest: sha256 of its bytes. */
export function modelHashOf(bytes: Uint8Array): ModelHash {
  return createHash('sha256').update(bytes).digest('hex') as ModelHash;
}

/** What the digest file holds. */
export const digestText = (modelHash: ModelHash): string => `${modelHash}\n`;

/**
 * Reads a bundle's manifest; when the digest file lies beside it (a whole bundle), it must match.
 * Throws NOT_FOUND_FILE, INTEGRITY_HASH, MODEL_BUNDLE_INVALID.
 */
export async function readManifest(bundleDirectory: string): Promise<ManifestRead> {
  const path = join(bundleDirectory, MANIFEST_PATH);
  const bytes = await readSmallFile(path, MAX_MANIFEST_BYTES);
  if (!bytes)
    throw new RiosError('NOT_FOUND_FILE', `${bundleDirectory} is not a bundle: it has no ${MANIFEST_PATH}`, {
      details: { path },
      hint: 'Make a bundle: rios model split <source> --out <bundle>.',
    });
  const modelHash = modelHashOf(bytes);
  const digest = await readSmallFile(join(bundleDirectory, MANIFEST_DIGEST_PATH), 1024);
  if (digest && digest.toString('latin1') !== digestText(modelHash))
    throw new RiosError('INTEGRITY_HASH', `${MANIFEST_PATH} is not what ${MANIFEST_DIGEST_PATH} says`, {
      details: { path: MANIFEST_PATH, actual: modelHash },
    });
  return { manifest: parseManifest(bytes), modelHash, bytes };
}

/**
 * Parses a manifest and checks everything in it against everything else: after this, paths are safe, every
 * part's files are listed, and the layout is complete. Throws MODEL_BUNDLE_INVALID.
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) throw bundleInvalid(`it has ${bytes.length} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw bundleInvalid('it is not JSON', {}, cause);
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw bundleInvalid(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is invalid'}`, {
      path: issue?.path.map(String) ?? [],
    });
  }
  checkManifest(parsed.data);
  return parsed.data;
}

/** The files that the given parts need, each once, in manifest order. Throws NOT_FOUND on an unknown part. */
export function partFiles(manifest: Manifest, partIds: readonly (PartId | string)[]): ManifestFile[] {
  const parts = new Map(manifest.parts.map((part) => [part.id, part]));
  const needed = new Set<string>();
  for (const id of partIds) {
    const part = parts.get(id);
    if (!part) throw new RiosError('NOT_FOUND', `the model has no part "${id}"`, { details: { part: id } });
    for (const path of part.files) needed.add(path);
  }
  return manifest.files.filter(({ path }) => needed.has(path));
}
