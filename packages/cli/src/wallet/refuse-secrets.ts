import { RiosError } from '@rios/sdk/errors/error';

/** Flags that people try; those of ours that end in -stdin or -file take no secret. */
const SECRET_FLAG = /^--?(password|passphrase|passwd|pw|seed|secret|phrase|words)(=|$)/i;
/** Ours, which say what stdin holds: a value is a secret. */
const KIND_WITH_VALUE = /^--(mnemonic|private-key)=/i;
const KIND = /^--(mnemonic|private-key)$/i;
const KEY = /^(0x)?[0-9a-f]{60,68}$/i;
const WORD = /^[a-z]{3,8}$/;
/** So many words in a row are a mnemonic, in quotes or not. */
const MANY_WORDS = 6;

const isPhrase = (text: string) => text.trim().split(/\s+/).length >= MANY_WORDS;

function hasWordsInARow(argv: readonly string[]): boolean {
  let run = 0;
  return argv.some((arg) => {
    run = WORD.test(arg) ? run + 1 : 0;
    return run >= MANY_WORDS;
  });
}

function holdsSecret(id: string, argv: readonly string[]): boolean {
  if (argv.some((arg) => SECRET_FLAG.test(arg) || KIND_WITH_VALUE.test(arg))) return true;
  // other commands take hashes and messages, which look alike
  if (id !== 'wallet:import' && id !== 'wallet:create') return false;
  const isValueOfKind = (arg: string, index: number) =>
    !arg.startsWith('-') && KIND.test(argv[index - 1] ?? '');
  return (
    hasWordsInARow(argv) ||
    argv.some((arg, index) => KEY.test(arg) || isPhrase(arg) || isValueOfKind(arg, index))
  );
}

/**
 * Refuses a password, a key or a mnemonic among the arguments, before the parser could repeat it in a message.
 * @throws RiosError USER_INVALID_REQUEST with the way that works
 */
export function refuseSecretArguments(id: string, argv: readonly string[]): void {
  const end = argv.indexOf('--');
  if (!holdsSecret(id, id === 'wallet:import' || end === -1 ? argv : argv.slice(0, end))) return;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    'a secret stands on the command line, where every program of this machine and the history of the shell can read it',
    {
      hint:
        'Give it by stdin: rios wallet import --mnemonic < words.txt (or --private-key), the password by ' +
        '--password-stdin. If it was a real one, move what it guards to a new wallet.',
    },
  );
}
