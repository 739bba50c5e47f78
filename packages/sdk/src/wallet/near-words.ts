import { editDistance } from '../text/edit-distance.ts';

const MAX_SUGGESTIONS = 3;

/** The known words that are like the given one, the likest first; the words of the list differ in four letters. */
export function nearWords(given: string, known: readonly string[]): string[] {
  return known
    .map((word) => ({
      word,
      edits: editDistance(given, word),
      shared: given.slice(0, 4) === word.slice(0, 4),
    }))
    .filter(({ edits, shared }) => edits <= 2 || shared)
    .sort((a, b) => a.edits - b.edits || a.word.localeCompare(b.word))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ word }) => word);
}
