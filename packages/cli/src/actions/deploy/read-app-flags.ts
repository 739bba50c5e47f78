import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { parseProject } from '@rios/sdk/config/project-file';
import type { ProjectFile } from '@rios/sdk/config/project-schema';
import { RiosError } from '@rios/sdk/errors/error';

/** The flags of `appFlags`, as oclif gives them. */
export interface AppFlags {
  readonly name?: string | undefined;
  readonly image?: string | undefined;
  readonly base?: string | undefined;
  readonly run?: string | undefined;
  readonly port?: readonly number[] | undefined;
  readonly env?: readonly string[] | undefined;
  readonly 'env-file'?: readonly string[] | undefined;
  readonly secret?: readonly string[] | undefined;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly disk?: string | undefined;
  readonly gpu?: number | undefined;
  readonly replicas?: string | undefined;
  readonly health?: string | undefined;
  readonly sandbox?: string | undefined;
  readonly region?: string | undefined;
  readonly label?: readonly string[] | undefined;
  readonly egress?: readonly string[] | undefined;
  readonly 'max-price'?: string | undefined;
  readonly strategy?: string | undefined;
  readonly access?: string | undefined;
}

/** 'A=b' as ['A', 'b']; 'A' as ['A', undefined]. */
function pairOf(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=');
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

async function readEnv(flags: AppFlags, env: NodeJS.ProcessEnv): Promise<Record<string, string | undefined>> {
  const files: Record<string, string | undefined>[] = [];
  for (const file of flags['env-file'] ?? []) files.push(parseEnv(await readFile(file, 'utf8')));
  const own = (flags.env ?? []).map((text) => {
    const [name, value = env[name]] = pairOf(text);
    if (value !== undefined) return [name, value] as const;
    throw new RiosError('USER_INVALID_REQUEST', `--env ${name}: there is no such variable here`, {
      hint: `Write --env ${name}=value, or set it before.`,
    });
  });
  return Object.assign({}, ...files, Object.fromEntries(own));
}

function readReplicas(text: string | undefined): ProjectFile['replicas'] {
  if (text === undefined) return undefined;
  const [, min, max] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text) ?? [];
  if (min !== undefined) return max === undefined ? Number(min) : { min: Number(min), max: Number(max) };
  throw new RiosError('USER_INVALID_REQUEST', `--replicas ${text} is neither a number nor a range`, {
    hint: 'Write --replicas 3, or --replicas 1-5.',
  });
}

function readHealth(text: string | undefined): unknown {
  if (text === undefined || text === 'none') return text;
  return text === 'tcp' ? { tcp: true } : { http: text };
}

function readSecrets(list: AppFlags['secret']): Record<string, string> | undefined {
  return (
    list &&
    Object.fromEntries(
      list.map((text) => {
        const [name, secret = name] = pairOf(text);
        return [name, secret];
      }),
    )
  );
}

function readLabels(list: AppFlags['label']): Record<string, string> | undefined {
  return (
    list &&
    Object.fromEntries(
      list.map((text) => {
        const [name, value] = pairOf(text);
        if (value !== undefined) return [name, value];
        throw new RiosError('USER_INVALID_REQUEST', `--label ${text} has no value`, {
          hint: `Write --label ${text}=value.`,
        });
      }),
    )
  );
}

/**
 * What the flags say of the application, in the form of rios.yaml.
 * @throws RiosError USER_INVALID_REQUEST, NOT_FOUND_FILE (--env-file)
 */
export async function readAppFlags(flags: AppFlags, env: NodeJS.ProcessEnv): Promise<ProjectFile> {
  const { port, 'max-price': maxPrice } = flags;
  const { name, image, base, run, cpu, memory, disk, gpu, sandbox, region, egress, strategy, access } = flags;
  const given = {
    ...{
      name,
      image,
      base,
      run,
      cpu,
      memory,
      disk,
      gpu,
      sandbox,
      region,
      egress,
      strategy,
      access,
      maxPrice,
    },
    ports: port,
    env: await readEnv(flags, env),
    secrets: readSecrets(flags.secret),
    replicas: readReplicas(flags.replicas),
    health: readHealth(flags.health),
    labels: readLabels(flags.label),
  };
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return parseProject('flags', Object.fromEntries(said));
}
