// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** Removes what could steer a terminal (escape sequences, direction marks); tabs and newlines stay. */
export function cleanText(text: string): string {
  return text.replace(CONTROLS, '');
}

/** The same for one table cell: also no newline or tab. */
export function cleanCell(text: string): string {
  return cleanText(text).replace(/[\n\t]+/g, ' ');
}
