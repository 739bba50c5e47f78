import { editDistance } from './edit-distance.ts';

/** The word most like `asked`, when one is near enough (a third of its letters wrong). */
export function nearest(asked: string, known: readonly string[]): string | undefined {
  const text = asked.slice(0, 64);
  const ranked = known
    .map((word) => ({ word, wrong: editDistance(text, word) }))
    .sort((a, b) => a.wrong - b.wrong || a.word.localeCompare(b.word));
  const best = ranked[0];
  return best !== undefined && best.wrong <= Math.max(1, Math.floor(best.word.length / 3))
    ? best.word
    : undefined;
}
