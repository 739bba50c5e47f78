import { RiosError } from '@rios/sdk/errors/error';

/** What decides whether a question may be asked. */
export interface Asking {
  readonly yes: boolean;
  readonly json: boolean;
  readonly noInput: boolean;
}

/** Whether a question may be asked at all: a terminal on both ends, no CI, not --json, not --no-input. */
export function canPrompt(options: Pick<Asking, 'json' | 'noInput'>): boolean {
  return (
    !options.json &&
    !options.noInput &&
    process.stdin.isTTY === true &&
    process.stderr.isTTY === true &&
    (process.env.CI ?? '') === ''
  );
}

/**
 * Asks before something is destroyed; `yes` answers beforehand.
 * @throws RiosError USER_CONFIRMATION_NEEDED where nobody can be asked, USER_INTERRUPTED when the answer is no
 */
export async function confirm(question: string, options: Asking): Promise<void> {
  if (options.yes) return;
  if (!canPrompt(options))
    throw new RiosError('USER_CONFIRMATION_NEEDED', `${question} Nobody can be asked here.`);
  const { default: inquirer } = await import('inquirer');
  const prompt = inquirer.createPromptModule({ output: process.stderr });
  const { agreed } = await prompt([{ type: 'confirm', name: 'agreed', message: question, default: false }]);
  if (agreed !== true) throw new RiosError('USER_INTERRUPTED', 'not confirmed: nothing was changed');
}
