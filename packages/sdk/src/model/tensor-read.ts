import { RiosError } from '../errors/error.ts';
import { decodeFloats, FLOAT_BYTES, type FloatDtype, isFloatDtype } from './float-decode.ts';
import type { SafetensorsFile } from './safetensors.ts';
import type { TensorEntry } from './safetensors-header.ts';

/** A matrix (or a vector: one column) of a checkpoint, read piecewise as float32. Row-major [rows, columns]. */
export interface Matrix {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Reads rows [from, from + target.length / columns) whole. */
  readRows(from: number, target: Float32Array): void;
  /**
   * Reads the block of `rowCount` rows from `row`, `columnCount` columns from `column`, into the front of
   * `target`, row-major [rowCount, columnCount]. Costs one file read per row.
   */
  readBlock(row: number, rowCount: number, column: number, columnCount: number, target: Float32Array): void;
}

/** A buffer of at least `sizeBytes`, valid until the next call. */
export type Scratch = (sizeBytes: number) => Uint8Array;

/** One buffer that grows to the largest piece asked for; the callers' block sizes bound it. */
export function createScratch(): Scratch {
  let buffer = new Uint8Array(0);
  return (sizeBytes) => {
    if (buffer.length < sizeBytes) buffer = new Uint8Array(sizeBytes);
    return buffer.subarray(0, sizeBytes);
  };
}

/**
 * Views a tensor of rank 1 or 2 as a matrix; `scratch` is shared by all matrices of a checkpoint.
 * Throws MODEL_CONFIG_UNSUPPORTED on a dtype that is no float.
 */
export function openMatrix(file: SafetensorsFile, tensor: TensorEntry, scratch: Scratch): Matrix {
  const { dtype } = tensor;
  if (!isFloatDtype(dtype))
    throw new RiosError('MODEL_CONFIG_UNSUPPORTED', `tensor "${tensor.name}" has dtype ${dtype}`, {
      details: { key: 'dtype', tensor: tensor.name, dtype },
      hint: 'Use a checkpoint in float32, float16 or bfloat16.',
    });
  const [rows = 1, columns = 1] = tensor.shape;
  const width = FLOAT_BYTES[dtype];
  const read = (first: number, bytes: Uint8Array) => file.read(tensor, first * width, bytes);
  return {
    name: tensor.name,
    rows,
    columns,
    readRows: (from, target) => readDense(dtype, from * columns, target, scratch, read),
    readBlock: (row, rowCount, column, columnCount, target) => {
      if (columnCount === columns)
        return readDense(dtype, row * columns, target.subarray(0, rowCount * columns), scratch, read);
      const bytes = scratch(rowCount * columnCount * width);
      for (let i = 0; i < rowCount; i++) {
        const at = i * columnCount * width;
        read((row + i) * columns + column, bytes.subarray(at, at + columnCount * width));
      }
      decodeFloats(dtype, bytes, target.subarray(0, rowCount * columnCount));
    },
  };
}

function readDense(
  dtype: FloatDtype,
  first: number,
  target: Float32Array,
  scratch: Scratch,
  read: (first: number, bytes: Uint8Array) => void,
): void {
  const bytes = scratch(target.length * FLOAT_BYTES[dtype]);
  read(first, bytes);
  decodeFloats(dtype, bytes, target);
}
