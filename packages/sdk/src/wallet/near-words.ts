const MAX_SUGGESTIONS = 3;

/** Edits between two words, a swap of neighbours counted as one (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (before[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The known words that are like the given one, the likest first; the words of the list differ in four letters. */
export function nearWords(given: string, known: readonly string[]): string[] {
  return known
    .map((word) => ({ word, edits: distance(given, word), shared: given.slice(0, 4) === word.slice(0, 4) }))
    .filter(({ edits, shared }) => edits <= 2 || shared)
    .sort((a, b) => a.edits - b.edits || a.word.localeCompare(b.word))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ word }) => word);
}
