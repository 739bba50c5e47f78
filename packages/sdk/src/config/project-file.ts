import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { nearest } from '../text/nearest.ts';
import { PROJECT_KEYS, type ProjectFile, projectSchema } from './project-schema.ts';

/** Name of the file that an application keeps in its folder. */
export const PROJECT_FILE = 'rios.yaml';

const MAX_BYTES = 256 * 1024;

/** Keys that would move a token, a secret or a file; letters only, so that no spelling slips through. */
const NEVER =
  /url|uri|endpoint|server|host|proxy|orchestrator|origin|keystore|keychain|token|secret|password|key|path|dir|home|file|config|contexts|login/;

function refuse(
  file: string,
  message: string,
  {
    hint = 'Correct it: docs/deploy.md says what may stand there.',
    ...details
  }: Record<string, unknown> & { hint?: string },
  cause?: unknown,
): RiosError {
  return new RiosError('USER_INVALID_REQUEST', `${file}: ${message}`, {
    hint,
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

/** The reason for which a key is refused, by its name; `where` is the key that it stands under. */
function refusalOf(key: string, where: string): string {
  const letters = key.toLowerCase().replaceAll(/[^a-z]/g, '');
  const near = nearest(key, PROJECT_KEYS[where] ?? []);
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  if (where === '' && NEVER.test(letters)) {
    return `${JSON.stringify(key)} may not be set by a project: whoever wrote the project could redirect your tokens or files${meant}`;
  }
  const place = where === '' ? 'a project' : where;
  return `${JSON.stringify(key)} is not a field of ${place}${meant}`;
}

type Issue = z.core.$ZodIssue;

/** The issue that says most: inside a union, that of the form which was meant. */
function clearest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flat().find(({ code }) => code === 'unrecognized_keys' || code === 'custom');
  return inner === undefined ? issue : { ...inner, path: [...issue.path, ...inner.path] };
}

/** What is wrong, for people; `form` says better than the schema does what a key should look like. */
function describeIssue(issue: Issue): {
  readonly message: string;
  readonly details: { readonly key: string; readonly hint?: string };
} {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = '?'] = issue.keys;
    const known = PROJECT_KEYS[where];
    const hint = known === undefined ? {} : { hint: `There may be: ${known.join(', ')}.` };
    const details = { key: where === '' ? key : `${where}.${key}`, ...hint };
    return { message: refusalOf(key, where), details };
  }
  const form = typeof issue.path[0] === 'string' ? FORMS[issue.path[0]] : undefined;
  return { message: `${where}: ${form ?? issue.message}`, details: { key: where } };
}

/** Of keys whose schema is a pattern. */
const FORMS: Readonly<Record<string, string>> = {
  name: 'a name is one DNS label: a-z, 0-9 and -, at most 40 characters, first a letter',
  image: 'an image is named by its digest: name@sha256:<64 hex digits>, never by a tag alone',
  base: 'a base image is a name like rios/node',
  env: 'variables are named like MY_VARIABLE, and are text, numbers, true or false',
};

/**
 * Checks what stands in a rios.yaml.
 * @throws RiosError USER_INVALID_REQUEST naming the key that may not stand in it, and the nearest that may
 */
export function parseProject(file: string, value: unknown): ProjectFile {
  const parsed = projectSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) throw refuse(file, 'it has a wrong form', {}, parsed.error);
  const { message, details } = describeIssue(clearest(issue));
  throw refuse(file, message, details);
}

/**
 * Reads ./rios.yaml of a folder; a missing one is empty.
 * @throws RiosError USER_INVALID_REQUEST as parseProject, and for text that is no YAML
 */
export async function readProject(directory: string): Promise<ProjectFile> {
  const file = join(directory, PROJECT_FILE);
  const text = await readBounded(file);
  if (text === undefined) return {};
  return parseProject(file, await parseYaml(file, text));
}
