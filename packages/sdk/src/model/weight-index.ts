import { RiosError } from '../errors/error.ts';

/** Which file of a checkpoint holds which tensor: the `weight_map` of model.safetensors.index.json. */
export type WeightMap = ReadonlyMap<string, string>;

const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*\.safetensors$/;

/**
 * Parses a weight map. Only plain file names inside the checkpoint's folder are allowed.
 * Throws MODEL_CONFIG_INVALID naming the entry.
 */
export function parseWeightMap(index: Readonly<Record<string, unknown>>): WeightMap {
  const map = index.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw invalid('model.safetensors.index.json has no weight_map', {});
  const entries = Object.entries(map);
  if (entries.length === 0) throw invalid('the weight_map is empty', {});
  for (const [tensor, file] of entries) {
    if (typeof file !== 'string' || !FILE_NAME.test(file) || file.includes('..'))
      throw invalid(
        `the weight_map puts "${tensor}" outside the checkpoint's folder: ${JSON.stringify(file)}`,
        {
          tensor,
          file,
        },
      );
  }
  return new Map(entries as [string, string][]);
}

function invalid(problem: string, details: Record<string, unknown>): RiosError {
  return new RiosError('MODEL_CONFIG_INVALID', problem, {
    details: { key: 'weight_map', ...details },
    hint: 'Download the checkpoint again, from its publisher.',
  });
}
