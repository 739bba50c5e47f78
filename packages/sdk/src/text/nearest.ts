/** Levenshtein distance: insertions, deletions and substitutions between two short words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The word most like `asked`, when one is near enough (a third of its letters wrong). */
export function nearest(asked: string, known: readonly string[]): string | undefined {
  const text = asked.slice(0, 64);
  const ranked = known
    .map((word) => ({ word, wrong: distance(text, word) }))
    .sort((a, b) => a.wrong - b.wrong || a.word.localeCompare(b.word));
  const best = ranked[0];
  return best !== undefined && best.wrong <= Math.max(1, Math.floor(best.word.length / 3))
    ? best.word
    : undefined;
}
