import { RiosError } from '../errors/error.ts';

/**
 * Parses YAML (JSON is YAML too); no aliases, which could make a short text huge. `yaml` is loaded at the first call.
 * @param source what messages call it, for example the file
 * @throws RiosError USER_INVALID_REQUEST
 */
export async function parseYaml(source: string, text: string): Promise<unknown> {
  const yaml = await import('yaml');
  try {
    return yaml.parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    const [line = 'bad YAML'] = String((cause as Error).message).split('\n');
    throw new RiosError('USER_INVALID_REQUEST', `${source}: ${line}`, { details: { source }, cause });
  }
}
