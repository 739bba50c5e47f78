import { RiosError } from '@rios/sdk/errors/error';
import { CHUNK_BYTES, chunkLength, type ManifestFile } from '@rios/sdk/schema/manifest';

/** One chunk of one file of a bundle: bytes [from, to), with the hash that they must have. */
export interface Chunk {
  readonly file: ManifestFile;
  readonly index: number;
  readonly from: number;
  readonly to: number;
  readonly sha256: string;
}

/** The chunk `index` of a file. */
export function chunkOf(file: ManifestFile, index: number): Chunk {
  const sha256 = file.chunks[index];
  const from = index * CHUNK_BYTES;
  if (sha256 === undefined || from > file.sizeBytes) {
    throw new RiosError('API_REMOTE', `there is no chunk ${index} of ${file.path}`);
  }
  return { file, index, from, to: from + chunkLength(file, index), sha256 };
}

/** All chunks of a file, in order. */
export function chunksOf(file: ManifestFile): Chunk[] {
  return file.chunks.map((_, index) => chunkOf(file, index));
}

/** Files that differ in content: two paths with the same bytes are transferred once. */
export function distinctFiles(files: readonly ManifestFile[]): ManifestFile[] {
  return [...new Map(files.map((file) => [file.sha256, file])).values()];
}
