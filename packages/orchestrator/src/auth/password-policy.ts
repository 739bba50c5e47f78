import { RiosError } from '@rios/sdk/errors/error';
import { COMMON_PASSWORDS } from './common-passwords.ts';

/** Characters (code points) of a password at least: NIST SP 800-63B asks for 8, we for 12. */
export const MIN_PASSWORD_CHARS = 12;

/** What stands for which letter when a word is disguised. */
const DISGUISES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

let listed: ReadonlySet<string> | undefined;

/** Read at the first use: most processes never judge a password. */
function commonPasswords(): ReadonlySet<string> {
  listed ??= new Set(COMMON_PASSWORDS.split(/\s+/).filter(Boolean));
  return listed;
}

/**
 * Refuses passwords that guessers try first: too short, listed, a listed word stretched (digits around it, doubled,
 * disguised, two in a row), a run of characters, or the person's own address.
 * @throws RiosError USER_PASSWORD_WEAK with `details.reason`.
 */
export function checkPassword(password: string, email: string): void {
  const text = password.normalize('NFKC');
  if ([...text].length < MIN_PASSWORD_CHARS) {
    throw weak('short', `a password has at least ${MIN_PASSWORD_CHARS} characters`);
  }
  const lower = text.toLowerCase();
  if (isCommon(lower) || isCommon(undisguise(lower))) throw weak('common', 'the password is a common one');
  if (new Set(lower).size < 5) throw weak('repeated', 'the password repeats too few characters');
  const [name = ''] = email.split('@');
  if (lower.includes(email) || (name.length >= 4 && lower.replaceAll(name, '').length < 6)) {
    throw weak('address', 'the password is made of the address');
  }
}

const undisguise = (text: string) => text.replace(/[0134579@$!]/g, (sign) => DISGUISES[sign] ?? sign);

function isCommon(text: string): boolean {
  const core = text.replace(/^[^a-z]+|[^a-z]+$/g, '');
  const words = commonPasswords();
  return (
    words.has(text) ||
    (core.length >= 4 && text.length - core.length <= 8 && words.has(core)) ||
    isRepetition(text, words) ||
    isPair(text, words) ||
    isRun(text)
  );
}

/** abcabcabc: a listed word over and over, or any four characters or fewer. */
function isRepetition(text: string, words: ReadonlySet<string>): boolean {
  for (let length = 1; length <= text.length / 2; length++) {
    const part = text.slice(0, length);
    const repeated = part.repeat(Math.ceil(text.length / length)).slice(0, text.length) === text;
    if (repeated && (length <= 4 || words.has(part))) return true;
  }
  return false;
}

/** Two listed words in a row. */
function isPair(text: string, words: ReadonlySet<string>): boolean {
  for (let cut = 4; cut <= text.length - 4; cut++) {
    if (words.has(text.slice(0, cut)) && words.has(text.slice(cut))) return true;
  }
  return false;
}

/** abcdefghijkl, 987654321098: each character one more or one less than the one before. */
function isRun(text: string): boolean {
  const steps = new Set<number>();
  for (let at = 1; at < text.length; at++) steps.add(text.charCodeAt(at) - text.charCodeAt(at - 1));
  return (
    [...steps].every((step) => step === 1 || step === -9) ||
    [...steps].every((step) => step === -1 || step === 9)
  );
}

const weak = (reason: string, message: string) =>
  new RiosError('USER_PASSWORD_WEAK', message, { details: { reason } });
