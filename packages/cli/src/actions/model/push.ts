import { stat } from 'node:fs/promises';
import type { Client } from '@rios/sdk/api/client';
import { readManifest } from '@rios/sdk/model/bundle';
import type { PushReport } from '@rios/sdk/schema/cli-results';
import type { Progress } from '../../progress/progress.ts';
import { sendFiles } from '../blobs/send-files.ts';
import { distinctFiles } from './chunks.ts';

const REGISTER_TIMEOUT_MS = 120_000;

export interface PushOptions {
  readonly client: Client;
  readonly bundle: string;
  /** Instead of the manifest's name. */
  readonly name?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Uploads a bundle to the network's store (sendFiles), then registers the model.
 * @throws RiosError MODEL_BUNDLE_INVALID, INTEGRITY_HASH, QUOTA_BLOBS, CONFLICT_EXISTS, API_*
 */
export async function pushModel(options: PushOptions, progress: Progress): Promise<PushReport> {
  const { client, signal } = options;
  await stat(options.bundle);
  const { manifest, bytes } = await readManifest(options.bundle);
  const files = distinctFiles(manifest.files);
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const name = options.name ?? manifest.name;
  progress.step(`Pushing ${name}`);
  const { sentBytes, missingBytes } = await sendFiles(
    { client, folder: options.bundle, signal },
    files,
    progress,
  );
  const model = await client.registerModel({
    params: { name },
    body: bytes,
    signal,
    timeoutMs: REGISTER_TIMEOUT_MS,
  });
  progress.stop();
  return { model, sentBytes, presentBytes: totalBytes - missingBytes };
}
