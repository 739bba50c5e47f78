import { RiosError } from '../errors/error.ts';
import { type Checkpoint, tensorMissing } from './checkpoint.ts';
import type { Family, ModelSpec } from './family.ts';

/** Every tensor that a model of this spec has, with the shape that its config implies. */
function* expectedTensors(family: Family, spec: ModelSpec): Generator<[string, readonly number[]]> {
  const { tensors } = family;
  const { layers, hidden, vocab, heads, kvHeads, headDim, ffn, experts } = spec.dims;
  yield [tensors.embed, [vocab, hidden]];
  for (let layer = 0; layer < layers; layer++) {
    const names = tensors.layer(layer);
    yield [names.attentionNorm, [hidden]];
    yield [names.query, [heads * headDim, hidden]];
    yield [names.key, [kvHeads * headDim, hidden]];
    yield [names.value, [kvHeads * headDim, hidden]];
    yield [names.output, [hidden, heads * headDim]];
    yield [names.expertNorm, [hidden]];
    yield [names.router, [experts, hidden]];
    for (let expert = 0; expert < experts; expert++) {
      const { gate, up, down } = tensors.expert(layer, expert);
      yield [gate, [ffn, hidden]];
      yield [up, [ffn, hidden]];
      yield [down, [hidden, ffn]];
    }
  }
  yield [tensors.finalNorm, [hidden]];
  if (!spec.tiedEmbeddings) yield [tensors.head, [vocab, hidden]];
}

/**
 * Checks that the checkpoint has exactly the expected tensors, in the shapes the config implies.
 * Throws MODEL_TENSOR_MISSING, MODEL_TENSOR_UNEXPECTED, naming the tensor.
 */
export function checkTensors(checkpoint: Checkpoint, family: Family, spec: ModelSpec): void {
  const known = new Set<string>();
  for (const [name, shape] of expectedTensors(family, spec)) {
    const found = checkpoint.tensors.get(name);
    if (!found) throw tensorMissing(name);
    if (!sameShape(found.entry.shape, shape)) throw contradiction(name, shape, found.entry.shape);
    checkpoint.matrix(name);
    known.add(name);
  }
  for (const name of checkpoint.tensors.keys()) {
    if (known.has(name) || family.derived.test(name)) continue;
    throw new RiosError(
      'MODEL_TENSOR_UNEXPECTED',
      `a ${spec.modelType} model has no place for tensor "${name}"`,
      {
        details: { tensor: name },
      },
    );
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function contradiction(tensor: string, expected: readonly number[], found: readonly number[]): RiosError {
  return new RiosError(
    'MODEL_TENSOR_UNEXPECTED',
    `config.json implies shape [${expected}] for tensor "${tensor}", but it has [${found}]`,
    {
      details: { tensor, expected, found },
      hint: 'config.json and the weights do not belong together. Download both again.',
    },
  );
}
