import fc from 'fast-check';

/** Puts junk in one place of a true answer; `path` picks the place at each level. */
export function mangle(value: unknown, path: readonly number[], junk: unknown): unknown {
  const [step = 0, ...rest] = path;
  if (path.length === 0 || typeof value !== 'object' || value === null) return junk;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return junk;
  const changed = mangle(Reflect.get(value, key), rest, junk);
  return Array.isArray(value)
    ? value.map((one, index) => (String(index) === key ? changed : one))
    : { ...value, [key]: changed };
}

/** What a broken or lying RPC may put anywhere. */
export const junk = fc.oneof(
  fc.constantFrom(null, '', '0x', '0xzz', '0x0', '0x1', '-1', '1e9', true, {}, [], `0x${'f'.repeat(64)}`),
  fc.constantFrom(`0x${'f'.repeat(70)}`, '0x00000000000000000000000000000000000000a1', [[]], { a: null }),
  fc.jsonValue({ maxDepth: 2 }),
);
