/** Turns a growing list of tokens into text, piece by piece. */
export interface Detokenizer {
  /** Adds tokens; returns the text that became final: never half a character. */
  push(ids: readonly number[]): string;
  /** What is still held back, as it decodes now. */
  end(): string;
}

const REPLACEMENT = '\uFFFD';
const UNFINISHED = /\uFFFD+$/;
/** Tokens of the window at most: bounds the work per token when no character is ever finished. */
const MAX_WINDOW_TOKENS = 256;

/**
 * Decodes a short window: the tokens of the last finished piece (some decoders treat the first token of a
 * text apart) and those after it. While the window's text ends in U+FFFD, a character is unfinished: it is
 * held back. `before` are the last tokens of a text that came before, already shown.
 */
export function createDetokenizer(
  decode: (ids: readonly number[]) => string,
  before: readonly number[] = [],
): Detokenizer {
  let shown = decode(before).endsWith(REPLACEMENT) ? [] : [...before];
  let fresh: number[] = [];
  /** Characters of the fresh tokens' text that were shown already. */
  let told = 0;
  const freshText = () => decode([...shown, ...fresh]).slice(decode(shown).length);
  const finish = (text: string) => {
    const rest = text.slice(told);
    shown = fresh;
    fresh = [];
    told = 0;
    return rest;
  };
  return {
    push(ids) {
      if (ids.length === 0) return '';
      fresh.push(...ids);
      const text = freshText();
      if (!text.endsWith(REPLACEMENT) || fresh.length > MAX_WINDOW_TOKENS) return finish(text);
      const whole = text.replace(UNFINISHED, '');
      const rest = whole.slice(told);
      told = whole.length;
      return rest;
    },
    end: () => (fresh.length === 0 ? '' : finish(freshText())),
  };
}
