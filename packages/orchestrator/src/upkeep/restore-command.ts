import { resolve } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';
import { readPassphrase } from './passphrase.ts';
import type { Printer } from './print.ts';
import { readOptions } from './read-options.ts';
import { type RestoreReport, restore } from './restore.ts';

const FLAGS = { from: { type: 'string' }, 'passphrase-file': { type: 'string' } } as const;

export const RESTORE_USAGE = `usage: rios-orchestrator restore --from <file> --data-dir <dir> [options]

  --from <file>             an archive that backup wrote
  --data-dir <dir>          a new or empty directory
  --passphrase-file <file>  what it is sealed with; else RIOS_BACKUP_PASSPHRASE

A PostgreSQL is restored by pg_restore, not by this.
`;

/** The command `restore`: prints one event, `restored`. @throws RiosError as restore does */
export async function restoreCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { print, progress }: Printer,
): Promise<void> {
  const { premises, values } = readOptions(args, env, FLAGS);
  if (values.from === undefined) throw new RiosError('USER_INVALID_REQUEST', '--from is missing');
  let passphrase: Promise<string> | undefined;
  const report = await restore({
    from: resolve(values.from),
    dataDir: premises.dataDir,
    passphrase: () => {
      passphrase ??= readPassphrase(values['passphrase-file'], env);
      return passphrase;
    },
    usesPostgres: premises.engines.database !== undefined,
    onProgress: progress,
  });
  print({ event: 'restored', ...report });
  for (const note of notesOf(report)) process.stderr.write(`${note}\n`);
}

function notesOf({ masterKey, store }: RestoreReport): string[] {
  return [
    ...(masterKey !== 'left out'
      ? []
      : ['No master key was in it: put yours back, or second factors and logins do not open.']),
    ...(store === 'postgres' ? ['The store is in PostgreSQL: restore it too, with pg_restore.'] : []),
  ];
}
