import { closeSync, openSync, readSync } from 'node:fs';
import { RiosError } from '@rios/sdk/errors/error';

/** The embedding table on disk: raw float32 [vocab, hidden], read row by row. */
export interface Embedding {
  /** [ids.length, hidden], owned by the caller. Throws USER_INVALID_REQUEST for an id outside the vocabulary. */
  rows(ids: readonly number[]): Float32Array;
  close(): void;
}

/** Opens the table; rows come from the page cache, so nothing is kept in this process. */
export function openEmbedding(file: string, vocab: number, hidden: number): Embedding {
  const descriptor = openSync(file, 'r');
  const rowBytes = hidden * Float32Array.BYTES_PER_ELEMENT;
  return {
    rows(ids) {
      const rows = new Float32Array(ids.length * hidden);
      const bytes = new Uint8Array(rows.buffer);
      ids.forEach((id, i) => {
        if (!Number.isInteger(id) || id < 0 || id >= vocab) throw noSuchToken(id, vocab);
        const read = readSync(descriptor, bytes, i * rowBytes, rowBytes, id * rowBytes);
        if (read !== rowBytes) throw new RiosError('RUNTIME_SESSION', 'the embedding table ends too early');
      });
      return rows;
    },
    close: () => closeSync(descriptor),
  };
}

const noSuchToken = (id: number, vocab: number) =>
  new RiosError('USER_INVALID_REQUEST', `token id ${id} is not in the model's vocabulary`, {
    details: { id, vocab },
  });
