import { text } from 'node:stream/consumers';
import { RiosError } from '@rios/sdk/errors/error';
import { type Asking, canPrompt } from '../prompts/confirm.ts';

/** One thing that a person types in. */
export interface Question {
  readonly message: string;
  /** Not shown as it is typed. */
  readonly secret?: boolean;
  /** How to give it where nobody can be asked, for example 'Add --email.' */
  readonly otherwise: string;
}

/**
 * Asks on the terminal (by stderr).
 * @throws RiosError USER_INPUT_NEEDED where nobody can be asked, USER_INTERRUPTED on Ctrl-C
 */
export async function ask(question: Question, asking: Pick<Asking, 'json' | 'noInput'>): Promise<string> {
  const { message, otherwise } = question;
  if (!canPrompt(asking)) {
    throw new RiosError('USER_INPUT_NEEDED', `${message} is needed, and nobody can be asked here`, {
      hint: otherwise,
    });
  }
  const { default: inquirer } = await import('inquirer');
  const prompt = inquirer.createPromptModule({ output: process.stderr });
  const type = question.secret === true ? 'password' : 'input';
  const { answer } = await prompt([{ type, name: 'answer', message: `${message}:` }]);
  if (typeof answer === 'string' && answer !== '') return answer;
  throw new RiosError('USER_INPUT_NEEDED', `${message} is empty`, { hint: otherwise });
}

/** The first lines of stdin: how a script hands over secrets. Throws USER_INPUT_NEEDED when there is none. */
export async function readSecretLines(what: string): Promise<[string, ...string[]]> {
  const [line = '', ...others] = (await text(process.stdin)).split(/\r?\n/);
  if (line !== '') return [line, ...others];
  throw new RiosError('USER_INPUT_NEEDED', `${what} is missing on stdin`, {
    hint: 'Write it as the first line.',
  });
}
