import { formatFields } from './table.ts';

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '-' : JSON.stringify(value);
}

/** Any flat record as `name  value` lines; nested values as JSON. */
export function formatReport(report: object): string {
  return formatFields(Object.entries(report).map(([name, value]) => [name, asText(value)]));
}
