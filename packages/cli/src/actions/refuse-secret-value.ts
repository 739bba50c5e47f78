import { RiosError } from '@rios/sdk/errors/error';
import { secretNameSchema } from '@rios/sdk/schema/app';

/** Flags of `rios secret set` that take the word after them. */
const WITH_VALUE = new Set(['--file', '--api-url', '--context', '--password-file', '--timeout']);

/**
 * Refuses `rios secret set NAME VALUE` and the like before the parser could repeat the value in a message.
 * @throws RiosError USER_INVALID_REQUEST with the way that works
 */
export function refuseSecretValue(argv: readonly string[]): void {
  const words = argv.filter((arg, index) => !arg.startsWith('-') && !WITH_VALUE.has(argv[index - 1] ?? ''));
  const hasValueFlag = argv.some((arg) => /^--?(value|v|secret|body|from-literal)(=|$)/.test(arg));
  const [name] = words;
  const isName = name === undefined || secretNameSchema.safeParse(name).success;
  if (words.length <= 1 && isName && !hasValueFlag) return;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    'a value stands on the command line, where every program of this machine and the history of the shell can read it',
    {
      hint: 'Give it by stdin: rios secret set <name> --stdin < value.txt; or by --file. If it was a real one, change it.',
    },
  );
}
