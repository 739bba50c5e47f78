import { RiosError } from '../errors/error.ts';

/** A word: runs without space or quote, and quoted text. */
const WORD = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gy;
const PIECE = /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^"'\\]+)/g;

/**
 * The words of a command line: quotes and backslashes as in a shell, but nothing else of one.
 * @throws RiosError USER_INVALID_REQUEST for a quote without an end
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  const text = line.trim();
  for (let at = 0; at < text.length; ) {
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0];
    if (word === undefined) {
      throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(line)} has a quote without an end`, {
        hint: 'Write the command as a list: run: [node, server.js].',
      });
    }
    words.push(unquote(word));
    at += word.length;
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
  }
  return words;
}

const unquote = (word: string) =>
  word.replaceAll(PIECE, (_, double?: string, single?: string, escaped?: string, bare?: string) =>
    double === undefined ? (single ?? escaped ?? bare ?? '') : double.replaceAll(/\\(["\\$`])/g, '$1'),
  );
