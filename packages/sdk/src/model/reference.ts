import { setImmediate } from 'node:timers/promises';
import { RiosError } from '../errors/error.ts';
import type { Family, LayerTensors, ModelSpec } from './family.ts';
import { addScaled, attend, chooseExperts, type Rows, rmsNorm, rotate, swiglu } from './reference-math.ts';
import type { Matrix } from './tensor-read.ts';

/** Floats of a matrix read at a time: 4 MiB. */
const BLOCK_FLOATS = 1024 * 1024;

/** What a reference evaluation reads from, and how it can be watched and stopped. */
export interface ReferenceSource {
  readonly family: Family;
  readonly spec: ModelSpec;
  readonly matrix: (name: string) => Matrix;
  readonly signal?: AbortSignal | undefined;
  /** Told the number of weights of each block read. */
  readonly onWeights?: ((count: number) => void) | undefined;
}

/**
 * Evaluates a checkpoint in float64, straight from its tensors: no ONNX, no shard, no cache, no batching.
 * It exists to be compared with. Returns the logits [tokens][vocab] of every position of `ids`.
 * Throws USER_INVALID_REQUEST on an id outside the vocabulary.
 */
export async function evaluateReference(
  source: ReferenceSource,
  ids: readonly number[],
): Promise<Float64Array[]> {
  const { family, spec, matrix } = source;
  const { tensors } = family;
  const residual = ids.map((id) => embed(matrix(tensors.embed), id));
  for (let layer = 0; layer < spec.dims.layers; layer++) {
    await addAttention(source, residual, tensors.layer(layer));
    await addExperts(source, residual, layer);
  }
  const normed = rmsNorm(residual, vector(matrix(tensors.finalNorm)), spec.normEps);
  return linear(source, spec.tiedEmbeddings ? tensors.embed : tensors.head, normed);
}

function embed(table: Matrix, id: number): Float64Array {
  if (!Number.isSafeInteger(id) || id < 0 || id >= table.rows)
    throw new RiosError('USER_INVALID_REQUEST', `token id ${id} is outside the vocabulary of ${table.rows}`);
  const row = new Float32Array(table.columns);
  table.readRows(id, row);
  return Float64Array.from(row);
}

async function addAttention(source: ReferenceSource, residual: Rows, names: LayerTensors): Promise<void> {
  const { dims, normEps, rope, slidingWindow } = source.spec;
  const normed = rmsNorm(residual, vector(source.matrix(names.attentionNorm)), normEps);
  const queries = await linear(source, names.query, normed);
  const keys = await linear(source, names.key, normed);
  const values = await linear(source, names.value, normed);
  rotate(queries, dims.headDim, rope);
  rotate(keys, dims.headDim, rope);
  const attended = await linear(source, names.output, attend({ queries, keys, values }, dims, slidingWindow));
  residual.forEach((row, token) => {
    addScaled(row, attended[token] ?? new Float64Array(0));
  });
}

async function addExperts(source: ReferenceSource, residual: Rows, layer: number): Promise<void> {
  const { spec, family, matrix } = source;
  const names = family.tensors.layer(layer);
  const normed = rmsNorm(residual, vector(matrix(names.expertNorm)), spec.normEps);
  const choices = (await linear(source, names.router, normed)).map((logits) =>
    chooseExperts(logits, spec.router),
  );
  for (let expert = 0; expert < spec.dims.experts; expert++) {
    const users = choices.flatMap((choice, token) =>
      choice.filter((each) => each.expert === expert).map(({ weight }) => ({ token, weight })),
    );
    if (users.length === 0) continue;
    const inputs = users.map(({ token }) => normed[token] ?? new Float64Array(0));
    const outputs = await evaluateExpert(source, inputs, layer, expert);
    users.forEach(({ token, weight }, i) => {
      const row = residual[token];
      const output = outputs[i];
      if (row && output) addScaled(row, output, weight);
    });
  }
}

async function evaluateExpert(
  source: ReferenceSource,
  inputs: Rows,
  layer: number,
  expert: number,
): Promise<Float64Array[]> {
  const names = source.family.tensors.expert(layer, expert);
  const gates = await linear(source, names.gate, inputs);
  const ups = await linear(source, names.up, inputs);
  const inner = gates.map((gate, i) => swiglu(gate, ups[i] ?? new Float64Array(0)));
  return linear(source, names.down, inner);
}

function vector(matrix: Matrix): Float32Array {
  const values = new Float32Array(matrix.rows);
  matrix.readRows(0, values);
  return values;
}

/** Multiplies rows [tokens][in] by a tensor [out, in]: [tokens][out]. Reads the tensor once, block by block. */
async function linear(source: ReferenceSource, name: string, inputs: Rows): Promise<Float64Array[]> {
  const matrix = source.matrix(name);
  const { rows, columns } = matrix;
  const outputs = inputs.map(() => new Float64Array(rows));
  const step = Math.max(1, Math.floor(BLOCK_FLOATS / columns));
  const block = new Float32Array(Math.min(step, rows) * columns);
  for (let first = 0; first < rows; first += step) {
    source.signal?.throwIfAborted();
    const count = Math.min(step, rows - first);
    matrix.readRows(first, block.subarray(0, count * columns));
    inputs.forEach((input, token) => {
      const output = outputs[token];
      if (output) multiplyBlock(block, count, input, output, first);
    });
    source.onWeights?.(count * columns);
    await setImmediate();
  }
  return outputs;
}

function multiplyBlock(
  block: Float32Array,
  count: number,
  input: Float64Array,
  output: Float64Array,
  first: number,
): void {
  const columns = input.length;
  for (let row = 0; row < count; row++) {
    let sum = 0;
    const at = row * columns;
    for (let i = 0; i < columns; i++) sum += (block[at + i] ?? 0) * (input[i] ?? 0);
    output[first + row] = sum;
  }
}
