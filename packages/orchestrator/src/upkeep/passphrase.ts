import { readFile } from 'node:fs/promises';
import { RiosError } from '@rios/sdk/errors/error';

/** Shorter ones are guessed from a stolen archive. */
const MIN_CHARS = 12;

/**
 * The passphrase of an archive: the first line of the file, else RIOS_BACKUP_PASSPHRASE. Never a flag: those are
 * public. @throws RiosError USER_INPUT_NEEDED, USER_INVALID_REQUEST, NOT_FOUND_FILE
 */
export async function readPassphrase(file: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  if (file === undefined) {
    if (env.RIOS_BACKUP_PASSPHRASE) return env.RIOS_BACKUP_PASSPHRASE;
    throw new RiosError('USER_INPUT_NEEDED', 'the passphrase of the archive is needed', {
      hint: 'Give --passphrase-file, or RIOS_BACKUP_PASSPHRASE.',
    });
  }
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new RiosError('NOT_FOUND_FILE', `${file} cannot be read`, { cause });
  });
  const [line = ''] = text.split(/\r?\n/);
  if (line !== '') return line;
  throw new RiosError('USER_INVALID_REQUEST', `${file} has no passphrase in its first line`);
}

/** @throws RiosError USER_PASSWORD_WEAK */
export function checkNewPassphrase(passphrase: string): string {
  if ([...passphrase].length >= MIN_CHARS) return passphrase;
  throw new RiosError('USER_PASSWORD_WEAK', `the passphrase has fewer than ${MIN_CHARS} characters`);
}
