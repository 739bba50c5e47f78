/** What is wrong if each of `expected` is to be among `found` exactly once; others may be there too. */
export function exactlyOnce(what: string, expected: readonly string[], found: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const one of found) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...new Set(expected)]
    .map((one) => ({ one, count: counts.get(one) ?? 0 }))
    .filter(({ count }) => count !== 1)
    .map(({ one, count }) => `${what} ${one} is there ${count} times`);
}
