/** What canonical JSON may hold here: no fractions, so that a number has one form. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [name: string]: CanonicalValue };

/** JSON with the names of each object in the order of their code units, and no spaces: one text for one value. */
export function formatCanonical(value: CanonicalValue): string {
  if (isList(value)) return `[${value.map(formatCanonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${formatCanonical(value[name] ?? null)}`);
  return `{${fields.join(',')}}`;
}

const isList = (value: CanonicalValue): value is readonly CanonicalValue[] => Array.isArray(value);
