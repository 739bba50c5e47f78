import { open } from 'node:fs/promises';
import { RiosError } from '@rios/sdk/errors/error';
import { createFileDigest } from '@rios/sdk/model/hashed-file';
import { type StoredFile, storedFileSchema } from '@rios/sdk/schema/app';
import type { Progress } from '../../progress/progress.ts';

const READ_BYTES = 1024 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b];
const TAR_MAGIC_AT = 257;

function looksSaved(head: Buffer): boolean {
  if (GZIP_MAGIC.every((byte, index) => head[index] === byte)) return true;
  return head.toString('latin1', TAR_MAGIC_AT, TAR_MAGIC_AT + 5) === 'ustar';
}

/**
 * The digests of a saved image.
 * @throws RiosError USER_INVALID_REQUEST for a file that is none, or too large; NOT_FOUND_FILE
 */
export async function hashArchive(
  path: string,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<StoredFile> {
  const refuse = (why: string) =>
    new RiosError('USER_INVALID_REQUEST', `${path} ${why}`, {
      hint: 'Save an image by docker save or podman save (docker-archive), gzip or not.',
    });
  const opened = await open(path, 'r');
  try {
    const { size } = await opened.stat();
    const digest = createFileDigest();
    let doneBytes = 0;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await opened.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, doneBytes);
      const bytes = buffer.subarray(0, bytesRead);
      if (doneBytes === 0 && !looksSaved(bytes)) throw refuse('is no saved image');
      if (bytesRead === 0) break;
      digest.update(bytes);
      doneBytes += bytesRead;
      progress.bytes(doneBytes, size);
    }
    const { sha256, sizeBytes, chunks } = digest.finish('');
    const parsed = storedFileSchema.safeParse({ sha256, sizeBytes, chunks });
    if (parsed.success) return parsed.data;
    throw refuse('is too large: 4 GiB are the most');
  } finally {
    await opened.close();
  }
}
