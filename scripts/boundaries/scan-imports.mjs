/**
 * Finds the imports of a TypeScript module. TypeScript 7 has no parser to call from JavaScript, so this reads
 * just enough of the language: comments, strings, templates and regular expressions are skipped, then the
 * import and export forms are matched in what is left.
 *
 * @typedef {{ specifier: string, kind: 'value' | 'type' | 'dynamic' }} Import
 *   value: loaded at start; type: erased before running; dynamic: `import('…')`, loaded when reached.
 */

// `import x, { y } from`, `import 'x'`, `export { y } from`, `export * from`: the text between holds no ; ( ) or =
const STATIC =
  /(?<![\w$.])(import|export)(\s+type(?=\s+[\w$]+\s+from\b|\s*[{*]))?(?:[\s\w$,*{}]*?\bfrom)?\s*"(\d+)"/g;
const DYNAMIC = /(?<![\w$.])import\s*\(\s*"(\d+)"/g;

/** @returns {Import[]} in order of kind, then place; specifiers computed at run time are not found */
export function scanImports(source) {
  const { code, strings } = withoutText(source);
  const found = [];
  for (const [, , type, index] of code.matchAll(STATIC)) {
    found.push({ specifier: strings[Number(index)], kind: type === undefined ? 'value' : 'type' });
  }
  for (const [, index] of code.matchAll(DYNAMIC)) {
    found.push({ specifier: strings[Number(index)], kind: 'dynamic' });
  }
  return found;
}

// a slash after one of these begins a regular expression, not a division
const BEFORE_REGEX =
  /(?:^|[=([{,;:!&|?+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|await|yield))\s*$/;

/** Replaces each string by `"<its index>"` and drops comments, templates and regular expressions. */
function withoutText(source) {
  const strings = [];
  let code = '';
  let at = 0;
  while (at < source.length) {
    const end = endOfText(source, at, code);
    if (end === at) {
      code += source[at];
      at++;
      continue;
    }
    const quote = source[at];
    if (quote === "'" || quote === '"') {
      code += `"${strings.length}"`;
      strings.push(source.slice(at + 1, end - 1));
    } else code += ' ';
    at = end;
  }
  return { code, strings };
}

/** Where the comment, string, template or regular expression that begins at `at` ends; `at` itself if none does. */
function endOfText(source, at, before) {
  const two = source.slice(at, at + 2);
  if (two === '//') return endAfter(source, '\n', at) - 1;
  if (two === '/*') return endAfter(source, '*/', at + 2);
  const first = source[at];
  if (first === "'" || first === '"') return endOfQuoted(source, at, first);
  if (first === '`') return endOfTemplate(source, at);
  if (first === '/' && BEFORE_REGEX.test(before.slice(-20))) return endOfRegex(source, at);
  return at;
}

function endAfter(source, text, from) {
  const found = source.indexOf(text, from);
  return found < 0 ? source.length + (text === '\n' ? 1 : 0) : found + text.length;
}

function endOfQuoted(source, at, quote) {
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === quote) return i + 1;
  }
  return source.length;
}

function endOfRegex(source, at) {
  let inClass = false;
  for (let i = at + 1; i < source.length && source[i] !== '\n'; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '[') inClass = true;
    else if (source[i] === ']') inClass = false;
    else if (source[i] === '/' && !inClass) return i + 1;
  }
  return at;
}

/** A template ends at its own backtick; `${…}` may hold strings and templates of its own. */
function endOfTemplate(source, at) {
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '`') return i + 1;
    else if (source[i] === '$' && source[i + 1] === '{') i = endOfHole(source, i + 2) - 1;
  }
  return source.length;
}

function endOfHole(source, at) {
  let depth = 1;
  for (let i = at; i < source.length; ) {
    const end = endOfText(source, i, '');
    if (end > i) {
      i = end;
      continue;
    }
    if (source[i] === '{') depth++;
    if (source[i] === '}') depth--;
    i++;
    if (depth === 0) return i;
  }
  return source.length;
}
