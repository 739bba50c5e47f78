import { parseRos } from '../chain/amounts.ts';
import type { ProjectFile } from '../config/project-schema.ts';
import { RiosError } from '../errors/error.ts';
import { type AppResources, type AppSource, type AppSpec, appSpecSchema } from '../schema/app.ts';
import { secretPairs } from './merge-project.ts';
import { parseEgress } from './parse-egress.ts';
import { parseBytes, parseMillicores } from './quantities.ts';
import { resolveHealth } from './resolve-health.ts';
import { resolveScale } from './resolve-scale.ts';
import { splitWords } from './split-words.ts';

/** Base image of a folder that names none. */
export const DEFAULT_BASE = 'rios/node';

const DEFAULTS = { cpu: 0.25, memory: '256Mi', disk: '256Mi', pids: 256, gpu: 0 } as const;

/** What is known beside rios.yaml. */
export interface AppFound {
  readonly source: AppSource;
  /** The file that starts it, found in the folder: what `node` runs when no command is said. */
  readonly main?: string | undefined;
}

/**
 * The whole wish of a release, of what rios.yaml (with the flags over it) says: every default filled in. Pure.
 * @throws RiosError USER_INVALID_REQUEST naming the key
 */
export function resolveAppSpec(project: ProjectFile, found: AppFound): AppSpec {
  const ports = resolvePorts(project);
  const [first] = ports;
  const env = Object.entries(project.env ?? {}).map(([name, value]) => [name, String(value)] as const);
  const secrets = secretPairs(project.secrets);
  const doubled = env.find(([name]) => Object.hasOwn(secrets, name));
  if (doubled !== undefined) throw refuse(`env: ${doubled[0]} is a secret as well`);
  const said = new Set([...env.map(([name]) => name), ...Object.keys(secrets)]);
  const spec: AppSpec = {
    source: found.source,
    run: resolveRun(project, found),
    ports,
    env: Object.fromEntries(
      first === undefined || said.has('PORT') ? env : [['PORT', String(first)], ...env],
    ),
    secrets,
    resources: resolveResources(project),
    ...resolveScale(project),
    health: resolveHealth(project.health, ports),
    sandbox: project.sandbox ?? 'standard',
    region: project.region ?? null,
    labels: project.labels ?? {},
    egress: (project.egress ?? []).map(parseEgress),
    maxPriceWei: project.maxPrice === undefined ? null : String(parseRos(String(project.maxPrice))),
    strategy: project.strategy ?? 'rolling',
    access: project.access ?? 'public',
  };
  return checkSpec(spec);
}

function resolvePorts({ port, ports }: ProjectFile): number[] {
  if (port !== undefined && ports !== undefined) throw refuse('port and ports: say one of them');
  const all = ports ?? (port === undefined ? [] : [port]);
  if (new Set(all).size === all.length) return all;
  throw refuse('ports: one is said twice');
}

function resolveRun({ run }: ProjectFile, { source, main }: AppFound): string[] {
  if (run !== undefined) return typeof run === 'string' ? splitWords(run) : run;
  if (source.kind !== 'folder') return [];
  if (main !== undefined && source.base === DEFAULT_BASE) return ['node', main];
  throw refuse('run: it is not said how to start the application', 'Write for example run: node server.js.');
}

function resolveResources(project: ProjectFile): AppResources {
  return {
    cpuMillicores: parseMillicores(project.cpu ?? DEFAULTS.cpu),
    memoryBytes: parseBytes(project.memory ?? DEFAULTS.memory, 'memory'),
    diskBytes: parseBytes(project.disk ?? DEFAULTS.disk, 'disk'),
    pids: project.pids ?? DEFAULTS.pids,
    gpus: project.gpu ?? DEFAULTS.gpu,
  };
}

/** What the friendly form calls it. */
const KEYS: Readonly<Record<string, string>> = {
  'resources.cpuMillicores': 'cpu',
  'resources.memoryBytes': 'memory',
  'resources.diskBytes': 'disk',
  'resources.pids': 'pids',
  'resources.gpus': 'gpu',
  maxPriceWei: 'maxPrice',
};

/** The same, checked by its schema; throws USER_INVALID_REQUEST naming the key as rios.yaml does. */
export function checkSpec(spec: AppSpec): AppSpec {
  const parsed = appSpecSchema.safeParse(spec);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw refuse(
    `${KEYS[path] ?? path}: ${issue?.message ?? 'wrong form'}`,
    'Correct it in rios.yaml or the flags.',
  );
}

const refuse = (message: string, hint = 'Correct rios.yaml or the flags.') =>
  new RiosError('USER_INVALID_REQUEST', message, { hint });
