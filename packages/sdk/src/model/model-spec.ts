import { RiosError } from '../errors/error.ts';
import { createConfigReader } from './config-reader.ts';
import { mixtral } from './families/mixtral.ts';
import type { Family, ModelSpec } from './family.ts';

const FAMILIES: readonly Family[] = [mixtral];

/** The model types that can be split. */
const SUPPORTED_MODEL_TYPES: readonly string[] = FAMILIES.map(({ modelType }) => modelType);

/**
 * Finds the family of a config.json and reads its spec; every key must be understood.
 * Throws MODEL_TYPE_UNSUPPORTED, MODEL_CONFIG_INVALID, MODEL_CONFIG_UNSUPPORTED.
 */
export function readModelSpec(config: Readonly<Record<string, unknown>>): {
  family: Family;
  spec: ModelSpec;
} {
  const reader = createConfigReader(config);
  const modelType = reader.text('model_type');
  const family = FAMILIES.find((each) => each.modelType === modelType);
  if (!family)
    throw new RiosError(
      'MODEL_TYPE_UNSUPPORTED',
      `model_type ${JSON.stringify(modelType ?? null)} cannot be split; supported: ${SUPPORTED_MODEL_TYPES.join(', ')}`,
      { details: { key: 'model_type', value: modelType ?? null, supported: SUPPORTED_MODEL_TYPES } },
    );
  const spec = family.readSpec(reader);
  reader.refuseUnread();
  return { family, spec };
}
