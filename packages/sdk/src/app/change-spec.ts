import { parseRos } from '../chain/amounts.ts';
import type { ProjectFile } from '../config/project-schema.ts';
import { RiosError } from '../errors/error.ts';
import type { AppHealth, AppResources, AppSpec } from '../schema/app.ts';
import { secretPairs } from './merge-project.ts';
import { parseEgress } from './parse-egress.ts';
import { parseBytes, parseMillicores } from './quantities.ts';
import { checkSpec } from './resolve-app-spec.ts';
import { resolveHealth } from './resolve-health.ts';
import { resolveScale } from './resolve-scale.ts';
import { splitWords } from './split-words.ts';

/** What is to be otherwise in the next release. */
export interface SpecChange {
  /** In the form of rios.yaml; what is not said stays. Variables, secrets and labels are joined by name. */
  readonly given: ProjectFile;
  /** Variables, of env or secrets, that go. */
  readonly unset: readonly string[];
}

/**
 * The wish of the next release: the one of the last, changed. A check of the first port, and the variable PORT, follow
 * that port. Pure.
 * @throws RiosError USER_INVALID_REQUEST naming the key
 */
export function changeSpec(spec: AppSpec, { given, unset }: SpecChange): AppSpec {
  const ports = given.ports ?? (given.port === undefined ? spec.ports : [given.port]);
  const { env, secrets } = changeVariables(spec, { given, unset }, ports);
  return checkSpec({
    ...spec,
    source: changeSource(spec, given),
    run: changeRun(spec, given),
    ports,
    env,
    secrets,
    resources: changeResources(spec.resources, given),
    ...changeScale(spec, given),
    health: changeHealth(spec, given, ports),
    sandbox: given.sandbox ?? spec.sandbox,
    region: given.region ?? spec.region,
    labels: { ...spec.labels, ...given.labels },
    egress: given.egress?.map(parseEgress) ?? spec.egress,
    maxPriceWei: given.maxPrice === undefined ? spec.maxPriceWei : String(parseRos(String(given.maxPrice))),
    strategy: given.strategy ?? spec.strategy,
    access: given.access ?? spec.access,
  });
}

function changeSource({ source }: AppSpec, { image, base }: ProjectFile): AppSpec['source'] {
  if (image !== undefined) return { kind: 'image', image };
  if (base === undefined) return source;
  if (source.kind === 'folder') return { ...source, base };
  throw refuse('base: only a folder runs in a base image', 'Deploy its folder: rios deploy.');
}

function changeRun(spec: AppSpec, { run, image }: ProjectFile): string[] {
  if (run !== undefined) return typeof run === 'string' ? splitWords(run) : run;
  // what started the folder means nothing in an image that took its place
  return image !== undefined && spec.source.kind === 'folder' ? [] : spec.run;
}

function changeVariables(
  spec: AppSpec,
  { given, unset }: SpecChange,
  ports: readonly number[],
): Pick<AppSpec, 'env' | 'secrets'> {
  const addedEnv = Object.fromEntries(
    Object.entries(given.env ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const addedSecrets = secretPairs(given.secrets);
  const doubled = Object.keys(addedEnv).find((name) => Object.hasOwn(addedSecrets, name));
  if (doubled !== undefined) throw refuse(`env: ${doubled} is a secret as well`);
  const missing = unset.find((name) => !Object.hasOwn({ ...spec.env, ...spec.secrets }, name));
  if (missing !== undefined) throw refuse(`unset: there is no variable ${missing}`, 'See rios describe.');
  const without = (record: Readonly<Record<string, string>>, gone: readonly string[]) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !gone.includes(name)));
  // said as the one, it is the other no longer
  const env = { ...without(spec.env, [...unset, ...Object.keys(addedSecrets)]), ...addedEnv };
  const secrets = { ...without(spec.secrets, [...unset, ...Object.keys(addedEnv)]), ...addedSecrets };
  const [before] = spec.ports;
  const [first] = ports;
  const follows = first !== undefined && env.PORT === String(before) && addedEnv.PORT === undefined;
  return { env: follows ? { ...env, PORT: String(first) } : env, secrets };
}

function changeResources(resources: AppResources, given: ProjectFile): AppResources {
  const bytes = (size: string | number | undefined, what: string, before: number) =>
    size === undefined ? before : parseBytes(size, what);
  return {
    cpuMillicores: given.cpu === undefined ? resources.cpuMillicores : parseMillicores(given.cpu),
    memoryBytes: bytes(given.memory, 'memory', resources.memoryBytes),
    diskBytes: bytes(given.disk, 'disk', resources.diskBytes),
    pids: given.pids ?? resources.pids,
    gpus: given.gpu ?? resources.gpus,
  };
}

function changeScale(spec: AppSpec, given: ProjectFile): Pick<AppSpec, 'replicas' | 'autoscale'> {
  if (given.replicas === undefined) return { replicas: spec.replicas, autoscale: spec.autoscale };
  const next = resolveScale(given);
  const keepsRule = next.autoscale !== null && given.autoscale === undefined && spec.autoscale !== null;
  return keepsRule ? { ...next, autoscale: spec.autoscale } : next;
}

function changeHealth(spec: AppSpec, { health }: ProjectFile, ports: readonly number[]): AppHealth {
  if (health !== undefined) return resolveHealth(health, ports);
  const said = spec.health;
  if (said.kind === 'none' || said.kind === 'exec' || ports.includes(said.port)) return said;
  const [before] = spec.ports;
  const [first] = ports;
  if (said.port === before && first !== undefined) return { ...said, port: first };
  throw refuse(`health: port ${said.port} is declared no more`, 'Say how to check it: --health.');
}

const refuse = (message: string, hint = 'Say one of the two.') =>
  new RiosError('USER_INVALID_REQUEST', message, { hint });
