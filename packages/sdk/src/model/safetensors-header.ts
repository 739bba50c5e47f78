import { RiosError } from '../errors/error.ts';
import { findDuplicateKey } from './unique-keys.ts';

/** Bytes per element of each dtype that a safetensors file may hold. */
const DTYPE_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};

const MAX_RANK = 8;

/** One tensor of a safetensors file; offsets are bytes from the start of the file. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Parses and checks a safetensors header (the JSON text after the 8-byte length).
 * The tensors must fill the `dataBytes` after `dataStart` without overlap, gap or remainder.
 * Throws MODEL_SAFETENSORS_INVALID, naming `file` and the tensor.
 */
export function parseSafetensorsHeader(
  text: string,
  dataStart: number,
  dataBytes: number,
  file: string,
): TensorEntry[] {
  const header = parseObject(text, file);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => parseEntry(name, value, dataStart, dataBytes, file));
  checkCoverage(entries, dataStart, dataBytes, file);
  return entries;
}

/** An error about one safetensors file. */
export function safetensorsError(file: string, problem: string, details: object = {}): RiosError {
  return new RiosError('MODEL_SAFETENSORS_INVALID', `${file}: ${problem}`, { details: { file, ...details } });
}

function parseObject(text: string, file: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new RiosError('MODEL_SAFETENSORS_INVALID', `${file}: the header is not JSON`, {
      details: { file },
      cause,
    });
  }
  if (!isRecord(header)) throw safetensorsError(file, 'the header is not an object');
  const twice = findDuplicateKey(text);
  if (twice !== undefined) throw safetensorsError(file, `the header names "${twice}" twice`, { key: twice });
  return header;
}

function parseEntry(
  name: string,
  value: unknown,
  dataStart: number,
  dataBytes: number,
  file: string,
): TensorEntry {
  const refuse = (problem: string) => safetensorsError(file, `tensor "${name}" ${problem}`, { tensor: name });
  if (!isRecord(value)) throw refuse('has no description');
  const { dtype, shape, data_offsets: offsets } = value;
  const width =
    typeof dtype === 'string' && Object.hasOwn(DTYPE_BYTES, dtype) ? DTYPE_BYTES[dtype] : undefined;
  if (typeof dtype !== 'string' || width === undefined) throw refuse('has an unknown dtype');
  if (!Array.isArray(shape) || shape.length > MAX_RANK || !shape.every(isCount))
    throw refuse('has an invalid shape');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw refuse('has invalid offsets');
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataBytes)
    throw refuse(`lies outside the file: [${begin}, ${end}) of ${dataBytes}`);
  const elements = shape.reduce((product: number, size: number) => product * size, 1);
  if (elements * width !== end - begin)
    throw refuse(`needs ${elements * width} bytes for its shape, but has ${end - begin}`);
  return { name, dtype, shape: shape as number[], begin: dataStart + begin, end: dataStart + end };
}

function checkCoverage(
  entries: readonly TensorEntry[],
  dataStart: number,
  dataBytes: number,
  file: string,
): void {
  let covered = dataStart;
  const ordered = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  for (const { name, begin, end } of ordered) {
    if (begin < covered)
      throw safetensorsError(file, `tensor "${name}" overlaps the one before it`, { tensor: name });
    if (begin > covered)
      throw safetensorsError(file, `bytes before tensor "${name}" belong to no tensor`, { tensor: name });
    covered = end;
  }
  const missing = dataStart + dataBytes - covered;
  if (missing > 0) throw safetensorsError(file, `the last ${missing} bytes belong to no tensor`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
