import { formatRos } from '@rios/sdk/chain/amounts';
import type { AppSpec } from '@rios/sdk/schema/app';
import { formatBytes } from '../format.ts';
import { formatFields } from '../table.ts';
import { formatHealth, formatSource } from './format-source.ts';

const pairs = (record: Readonly<Record<string, string>>, between = '='): string =>
  Object.entries(record)
    .map(([key, value]) => `${key}${between}${value}`)
    .join(' ') || '-';

const egressOf = ({ egress }: AppSpec): string =>
  egress.map(({ cidr, ports }) => (ports.length === 0 ? cidr : `${cidr}:${ports.join(',')}`)).join(' ') ||
  'nothing';

const replicasOf = ({ replicas: { min, max }, autoscale }: AppSpec): string => {
  if (autoscale === null) return min === max ? String(min) : `${min} to ${max}`;
  return `${min} to ${max}, by ${autoscale.metric} at ${autoscale.target}`;
};

/** What is wished of each replica; secrets by their names. */
export function formatSpec(spec: AppSpec): string {
  const { resources, maxPriceWei } = spec;
  return formatFields([
    ['source', formatSource(spec.source)],
    ['command', spec.run.join(' ') || "the image's own"],
    ['ports', spec.ports.join(' ') || 'none: no network'],
    ['cpu', `${resources.cpuMillicores / 1000} cores`],
    ['memory', formatBytes(resources.memoryBytes)],
    ['disk', formatBytes(resources.diskBytes)],
    ['processes', `at most ${resources.pids}`],
    ['gpus', String(resources.gpus)],
    ['replicas', replicasOf(spec)],
    ['health', formatHealth(spec.health)],
    ['environment', pairs(spec.env)],
    ['secrets', pairs(spec.secrets, ' from ')],
    ['sandbox', spec.sandbox],
    ['region', spec.region ?? 'any'],
    ['labels', pairs(spec.labels)],
    ['may reach', egressOf(spec)],
    ['at most', maxPriceWei === null ? 'any price' : `${formatRos(BigInt(maxPriceWei))} an hour and replica`],
    ['strategy', spec.strategy],
    ['access', spec.access],
  ]);
}
