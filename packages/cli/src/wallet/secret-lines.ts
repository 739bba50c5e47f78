import { text } from 'node:stream/consumers';
import { RiosError } from '@rios/sdk/errors/error';

/** stdin, by which scripts hand over secrets: one on each line, in the order in which they are needed. */
export interface SecretLines {
  /** The next line. @throws RiosError USER_INPUT_NEEDED when there is none */
  next(what: string): Promise<string>;
  /** The next line, if there is another one. */
  maybe(): Promise<string | undefined>;
}

/** Reads stdin when the first line is asked for. */
export function createSecretLines(): SecretLines {
  let reading: Promise<string[]> | undefined;
  const maybe = async () => {
    reading ??= text(process.stdin).then((all) => all.split(/\r?\n/));
    return (await reading).shift() || undefined;
  };
  return {
    maybe,
    async next(what) {
      const line = await maybe();
      if (line !== undefined) return line;
      throw new RiosError('USER_INPUT_NEEDED', `${what} is missing on stdin`, {
        hint: 'Write one secret on each line: first what is imported, then the password.',
      });
    },
  };
}
