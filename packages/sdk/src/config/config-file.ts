import { readFile } from 'node:fs/promises';
import type { Document } from 'yaml';
import { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { nameSchema } from '../schema/common.ts';
import { writeFileAtomic } from './atomic-write.ts';

/** One orchestrator that commands can talk to. The token itself never stands here, only where it is. */
const contextSchema = z.looseObject({
  apiUrl: z.url({ protocol: /^https?$/ }).max(2048),
  tokenFile: z.string().min(1).max(4096).optional(),
  /** RPC of the chain, in place of the one that the orchestrator names. */
  rpcUrl: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
});
export type Context = z.infer<typeof contextSchema>;

/** Who is signed in at an origin, and where its tokens are: never the tokens. */
export const loginRecordSchema = z.looseObject({
  account: z.string().min(1).max(320),
  keystore: z.enum(['keychain', 'file']),
});
export type LoginRecord = z.infer<typeof loginRecordSchema>;

/** config.yaml: unknown keys are kept, so that an older `rios` does not lose what a newer one wrote. */
export const configSchema = z.looseObject({
  /** Name of the context in use. */
  context: nameSchema.optional(),
  contexts: z.record(nameSchema, contextSchema).optional(),
  /** Where new secrets are kept; RIOS_KEYSTORE goes before it. */
  keystore: z.enum(['auto', 'keychain', 'file']).optional(),
  /** By origin: scheme, host and port. */
  logins: z.record(z.string().max(2048), loginRecordSchema).optional(),
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
  return { yaml, document, config: parsed.data };
}

/** A comment above the first key is about the file: it stays when that key goes. */
function removeIn(yaml: typeof import('yaml'), document: Document, path: readonly string[]): void {
  if (!document.hasIn(path)) return;
  const first = yaml.isMap(document.contents) ? document.contents.items[0]?.key : undefined;
  const isFirst = path.length === 1 && yaml.isScalar(first) && first.value === path[0];
  document.deleteIn(path);
  if (isFirst && first.commentBefore) document.commentBefore = first.commentBefore;
}

/**
 * Reads config.yaml; a missing file is an empty configuration.
 * @throws RiosError USER_INVALID_REQUEST when it is not YAML of the right form
 */
export async function readConfig(file: string): Promise<ConfigFile> {
  return (await parseDocument(file)).config;
}

/**
 * Sets values by their path (undefined removes) and writes the file atomically; other keys and comments stay.
 * Two writers at once: the last one wins, the file stays whole.
 */
export async function updateConfig(
  file: string,
  changes: readonly { readonly path: readonly string[]; readonly value: unknown }[],
): Promise<ConfigFile> {
  const { yaml, document } = await parseDocument(file);
  for (const { path, value } of changes) {
    if (value !== undefined) document.setIn(path, value);
    else removeIn(yaml, document, path);
  }
  const parsed = configSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) throw invalid(file, parsed.error.issues[0]?.message ?? 'wrong form');
  await writeFileAtomic(file, String(document));
  return parsed.data;
}
