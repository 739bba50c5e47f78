import type { ManifestFile } from '../schema/manifest.ts';
import { createHashedFile, type HashedFile } from './hashed-file.ts';
import type { Shard, ShardTensor } from './shard-plan.ts';
import type { Matrix } from './tensor-read.ts';

/** Floats written at a time, whatever the size of a tensor: 12 MiB. No row of a tensor may be longer. */
export const BLOCK_FLOATS = 3 * 1024 * 1024;
/** Floats gathered at a time for transposing: 4 MiB. */
const TILE_FLOATS = 1024 * 1024;
/** Source rows gathered at a time for transposing: whole cache lines are written then. */
const TILE_ROWS = 64;

export interface ShardWriting {
  readonly directory: string;
  readonly matrix: (name: string) => Matrix;
  /** Told the bytes of each written block. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** Buffers that all shards of a split share, so that memory stays flat. */
export interface ShardBuffers {
  readonly block: Float32Array;
  readonly tile: Float32Array;
}

export function createShardBuffers(): ShardBuffers {
  return { block: new Float32Array(BLOCK_FLOATS), tile: new Float32Array(TILE_FLOATS) };
}

/** Streams one shard from the checkpoint to its file. Throws the signal's reason when aborted. */
export async function writeShard(
  shard: Shard,
  writing: ShardWriting,
  buffers: ShardBuffers,
): Promise<ManifestFile> {
  const file = await createHashedFile(writing.directory, shard.path);
  try {
    for (const tensor of shard.tensors) {
      await file.padTo(tensor.offset);
      const blocks = tensor.transposed
        ? transposedBlocks(tensor, writing, buffers)
        : rowBlocks(tensor, writing, buffers);
      await appendBlocks(file, blocks, writing);
    }
  } catch (error) {
    await file.abandon();
    throw error;
  }
  return file.finish();
}

async function appendBlocks(
  file: HashedFile,
  blocks: Iterable<Float32Array>,
  { onBytes, signal }: ShardWriting,
): Promise<void> {
  for (const block of blocks) {
    signal?.throwIfAborted();
    await file.append(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
    onBytes(block.byteLength);
  }
}

function* rowBlocks(
  { sources }: ShardTensor,
  { matrix }: ShardWriting,
  { block }: ShardBuffers,
): Generator<Float32Array> {
  for (const source of sources.map(matrix)) {
    const step = atLeastOne(block.length / source.columns);
    for (let row = 0; row < source.rows; row += step) {
      const target = block.subarray(0, Math.min(step, source.rows - row) * source.columns);
      source.readRows(row, target);
      yield target;
    }
  }
}

/** Blocks of whole rows of the transposed tensor: a range of the sources' columns, all their rows. */
function* transposedBlocks(
  { shape, sources }: ShardTensor,
  { matrix }: ShardWriting,
  buffers: ShardBuffers,
): Generator<Float32Array> {
  const [inputs = 0, outputs = 0] = shape;
  const matrices = sources.map(matrix);
  const step = Math.min(TILE_FLOATS, atLeastOne(buffers.block.length / outputs));
  for (let column = 0; column < inputs; column += step) {
    const count = Math.min(step, inputs - column);
    const target = buffers.block.subarray(0, count * outputs);
    let first = 0;
    for (const source of matrices) {
      transposeInto(target, outputs, first, source, column, count, buffers);
      first += source.rows;
    }
    yield target;
  }
}

/** Puts columns [column, column + count) of `source` as rows into `target`, from its column `first`. */
function transposeInto(
  target: Float32Array,
  width: number,
  first: number,
  source: Matrix,
  column: number,
  count: number,
  buffers: ShardBuffers,
): void {
  const { tile } = buffers;
  const tileRows = Math.min(TILE_ROWS, Math.floor(tile.length / count));
  for (let row = 0; row < source.rows; row += tileRows) {
    const rows = Math.min(tileRows, source.rows - row);
    source.readBlock(row, rows, column, count, tile);
    for (let c = 0; c < count; c++) {
      const to = c * width + first + row;
      for (let r = 0; r < rows; r++) target[to + r] = tile[r * count + c] ?? 0;
    }
  }
}

const atLeastOne = (value: number) => Math.max(1, Math.floor(value));
