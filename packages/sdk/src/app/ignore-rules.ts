/** Name of the file in an application's folder that says what is not packed. */
export const IGNORE_FILE = '.riosignore';

/** Never of use inside a container, or not meant for it; `!` rules of the ignore file take them back in. */
const ALWAYS = ['.git', '.hg', '.svn', '.DS_Store', '.env', '.env.*', `/${IGNORE_FILE}`, '/rios.yaml'];

const MAX_RULES = 1000;
const MAX_RULE_CHARS = 1024;

/** One character of a name: itself, any one, or any number of any. */
type Glyph = { readonly kind: 'literal'; readonly text: string } | { readonly kind: 'one' | 'many' };

/** One part of a path between slashes; `many` is `**`. */
type Segment = { readonly kind: 'name'; readonly glyphs: readonly Glyph[] } | { readonly kind: 'many' };

interface Rule {
  readonly negated: boolean;
  readonly directoriesOnly: boolean;
  readonly segments: readonly Segment[];
}

/** Whether a path (relative, with `/`) is left out. */
export type Ignores = (path: string, isDirectory: boolean) => boolean;

/**
 * Reads an ignore file, in the form of .gitignore: `#` comments, `!` takes back, a `/` inside binds to the folder, one
 * at the end means directories only; `*`, `?` and `**`. The last rule that fits counts.
 */
export function parseIgnore(text: string): Ignores {
  const rules = [...ALWAYS, ...text.split(/\r?\n/)]
    .slice(0, MAX_RULES + ALWAYS.length)
    .flatMap((line) => parseRule(line) ?? []);
  return (path, isDirectory) => {
    const names = path.split('/');
    const fitting = rules.findLast(
      (rule) => (isDirectory || !rule.directoriesOnly) && fits(rule.segments, names, nameFits),
    );
    return fitting !== undefined && !fitting.negated;
  };
}

function parseRule(line: string): Rule | undefined {
  const trimmed = line.trimEnd();
  if (trimmed === '' || trimmed.startsWith('#') || trimmed.length > MAX_RULE_CHARS) return undefined;
  const negated = trimmed.startsWith('!');
  const body = negated ? trimmed.slice(1) : trimmed;
  const directoriesOnly = body.endsWith('/');
  const names = body.replace(/\/+$/, '').split('/');
  const bound = names.length > 1;
  const own = names.filter((name) => name !== '' && name !== '.').map(parseSegment);
  if (own.length === 0) return undefined;
  return { negated, directoriesOnly, segments: bound ? own : [{ kind: 'many' }, ...own] };
}

const parseSegment = (name: string): Segment =>
  name === '**' ? { kind: 'many' } : { kind: 'name', glyphs: parseGlyphs(name) };

function parseGlyphs(name: string): Glyph[] {
  const glyphs: Glyph[] = [];
  for (let at = 0; at < name.length; at++) {
    const text = name[at] ?? '';
    if (text === '*') glyphs.push({ kind: 'many' });
    else if (text === '?') glyphs.push({ kind: 'one' });
    else glyphs.push({ kind: 'literal', text: text === '\\' ? (name[++at] ?? '') : text });
  }
  return glyphs;
}

const nameFits = (segment: Segment, name: string): boolean =>
  segment.kind === 'name' && fits(segment.glyphs, [...name], glyphFits);

const glyphFits = (glyph: Glyph, char: string): boolean =>
  glyph.kind === 'one' || (glyph.kind === 'literal' && glyph.text === char);

/** Whether a pattern fits all of `text`. Goes back to the last `many` only: its time is the product of the lengths. */
function fits<P extends { readonly kind: string }, T>(
  pattern: readonly P[],
  text: readonly T[],
  one: (part: P, item: T) => boolean,
): boolean {
  let at = 0;
  let many = -1;
  let resume = 0;
  for (let read = 0; read < text.length; ) {
    const part = pattern[at];
    if (part?.kind === 'many') {
      many = at++;
      resume = read;
    } else if (part !== undefined && one(part, text[read] as T)) {
      at++;
      read++;
    } else if (many >= 0) {
      at = many + 1;
      read = ++resume;
    } else return false;
  }
  return pattern.slice(at).every(({ kind }) => kind === 'many');
}
