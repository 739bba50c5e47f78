import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { nameSchema } from '../schema/common.ts';
import { writeFileAtomic } from './atomic-write.ts';

/** One orchestrator that commands can talk to. The token itself never stands here, only where it is. */
const contextSchema = z.looseObject({
  apiUrl: z.url({ protocol: /^https?$/ }).max(2048),
  tokenFile: z.string().min(1).max(4096).optional(),
});
export type Context = z.infer<typeof contextSchema>;

/** config.yaml: unknown keys are kept, so that an older `rios` does not lose what a newer one wrote. */
export const configSchema = z.looseObject({
  /** Name of the context in use. */
  context: nameSchema.optional(),
  contexts: z.record(nameSchema, contextSchema).optional(),
});
export type ConfigFile = z.infer<typeof configSchema>;

const MAX_CONFIG_BYTES = 1024 * 1024;

async function readText(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > MAX_CONFIG_BYTES) throw invalid(file, `it is larger than ${MAX_CONFIG_BYTES} bytes`);
    return bytes.toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function invalid(file: string, why: string, cause?: unknown): RiosError {
  return new RiosError('USER_INVALID_REQUEST', `${file} is not a valid configuration: ${why}`, {
    hint: 'Correct the file, or move it away: it is written anew when needed.',
    details: { file },
    cause,
  });
}

async function parseDocument(file: string) {
  const yaml = await import('yaml');
  const document = yaml.parseDocument(await readText(file));
  const problem = document.errors[0];
  if (problem !== undefined) throw invalid(file, problem.message.split('\n')[0] ?? 'bad YAML', problem);
  const parsed = configSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(file, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong form'}`);
  }
  return { document, config: parsed.data };
}

/**
 * Reads config.yaml; a missing file is an empty configuration.
 * @throws RiosError USER_INVALID_REQUEST when it is not YAML of the right form
 */
export async function readConfig(file: string): Promise<ConfigFile> {
  return (await parseDocument(file)).config;
}

/**
 * Sets values by their path and writes the file atomically; other keys and comments stay as they are.
 * Two writers at once: the last one wins, the file stays whole.
 */
export async function updateConfig(
  file: string,
  changes: readonly { readonly path: readonly string[]; readonly value: unknown }[],
): Promise<ConfigFile> {
  const { document } = await parseDocument(file);
  for (const { path, value } of changes) document.setIn(path, value);
  const parsed = configSchema.safeParse(document.toJS());
  if (!parsed.success) throw invalid(file, parsed.error.issues[0]?.message ?? 'wrong form');
  await writeFileAtomic(file, String(document));
  return parsed.data;
}
