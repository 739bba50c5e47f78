import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { nameSchema } from '../schema/common.ts';

/** Name of the file that an application keeps in its folder. */
export const PROJECT_FILE = 'rios.yaml';

/**
 * ./rios.yaml says what the application is, and by its name which of the user's contexts it belongs to. It comes
 * with a cloned repository, so it decides nothing about where tokens go or where files are.
 */
export const projectSchema = z.strictObject({
  context: nameSchema.optional(),
  name: nameSchema.optional(),
  model: z.string().min(1).max(128).optional(),
  image: z.string().min(1).max(512).optional(),
  cpu: z.number().positive().optional(),
  memory: z.string().min(1).max(32).optional(),
  gpu: z.number().min(0).optional(),
  replicas: z.int().min(0).max(1000).optional(),
  region: z.string().min(1).max(64).optional(),
  port: z.int().min(1).max(65_535).optional(),
  env: z.record(z.string().max(128), z.string().max(4096)).optional(),
  maxPrice: z.string().max(64).optional(),
  strategy: z.string().max(64).optional(),
});
export type ProjectFile = z.infer<typeof projectSchema>;

const MAX_BYTES = 256 * 1024;

/** Keys that would move a token, a secret or a file; letters only, so that no spelling slips through. */
const NEVER =
  /url|uri|endpoint|server|host|proxy|orchestrator|origin|keystore|keychain|token|secret|password|key|path|dir|home|file|config|contexts|login/;

function refuse(file: string, message: string, details: Record<string, unknown>, cause?: unknown): RiosError {
  return new RiosError('USER_INVALID_REQUEST', `${file}: ${message}`, {
    hint: `Correct ${PROJECT_FILE}: it may have ${Object.keys(projectSchema.shape).join(', ')}.`,
    details: { file, ...details },
    cause,
  });
}

async function readBounded(file: string): Promise<string | undefined> {
  const opened = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (opened === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    if (bytesRead > MAX_BYTES) throw refuse(file, `it is larger than ${MAX_BYTES} bytes`, {});
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await opened.close();
  }
}

async function parseYaml(file: string, text: string): Promise<unknown> {
  const yaml = await import('yaml');
  try {
    return yaml.parse(text, { maxAliasCount: 0 }) ?? {};
  } catch (error) {
    const [line = 'bad YAML'] = String((error as Error).message).split('\n');
    throw refuse(file, line, {}, error);
  }
}

/** The reason for which a key is refused, by its name. */
function refusalOf(key: string): string {
  const letters = key.toLowerCase().replaceAll(/[^a-z]/g, '');
  return NEVER.test(letters)
    ? `${JSON.stringify(key)} may not be set by a project: whoever wrote the project could redirect your tokens or files`
    : `${JSON.stringify(key)} is not a field of a project`;
}

/**
 * Reads ./rios.yaml of a folder; a missing one is empty.
 * @throws RiosError USER_INVALID_REQUEST naming the key that may not stand in it
 */
export async function readProject(directory: string): Promise<ProjectFile> {
  const file = join(directory, PROJECT_FILE);
  const text = await readBounded(file);
  if (text === undefined) return {};
  const parsed = projectSchema.safeParse(await parseYaml(file, text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const [key = '?'] = issue.keys;
    throw refuse(file, refusalOf(key), { key });
  }
  const key = issue?.path.join('.') ?? '';
  throw refuse(file, `${key}: ${issue?.message ?? 'wrong form'}`, { key });
}
