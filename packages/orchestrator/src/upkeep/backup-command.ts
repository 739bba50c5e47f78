import { resolve } from 'node:path';
import { systemClock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { backUp } from './backup.ts';
import { withPremises } from './open-premises.ts';
import { checkNewPassphrase, readPassphrase } from './passphrase.ts';
import type { Printer } from './print.ts';
import { readOptions } from './read-options.ts';

const FLAGS = {
  out: { type: 'string' },
  plain: { type: 'boolean' },
  'passphrase-file': { type: 'string' },
  'without-blobs': { type: 'boolean' },
  'with-master-key': { type: 'boolean' },
} as const;

export const BACKUP_USAGE = `usage: rios-orchestrator backup --out <file> [options]

  --data-dir <dir>          the orchestrator's; it may run or not
  --out <file>              the archive, which must not be there yet
  --passphrase-file <file>  seal it with the first line of this file; else with RIOS_BACKUP_PASSPHRASE
  --plain                   do not seal it: whoever reads it has the network
  --without-blobs           leave the models' bytes out
  --with-master-key         put the master key in; without it, second factors and logins need the one you keep
  --master-key <kind>       file or keychain, as at its start

DATABASE_URL and RIOS_MASTER_KEY_FILE are read as at its start. A PostgreSQL is saved by pg_dump, not by this.
`;

/** The command `backup`: prints one event, `saved`. @throws RiosError as backUp does */
export async function backupCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { print, progress }: Printer,
): Promise<void> {
  const { premises, values } = readOptions(args, env, FLAGS);
  const { out, plain = false } = values;
  if (out === undefined) throw new RiosError('USER_INVALID_REQUEST', '--out is missing');
  if (plain && values['passphrase-file'] !== undefined) {
    throw new RiosError('USER_INVALID_REQUEST', '--plain and --passphrase-file do not go together');
  }
  const passphrase = plain
    ? undefined
    : checkNewPassphrase(await readPassphrase(values['passphrase-file'], env));
  const store = premises.engines.database === undefined ? 'sqlite' : 'postgres';
  await withPremises(premises, async ({ networkId, place }) => {
    const report = await backUp({
      dataDir: premises.dataDir,
      networkId,
      store,
      out: resolve(out),
      withBlobs: values['without-blobs'] !== true,
      masterKey: await place.read(),
      withMasterKey: values['with-master-key'] === true,
      passphrase,
      now: systemClock.now(),
      onProgress: progress,
    });
    const { masterKey } = report;
    print({ event: 'saved', ...report, networkId, store, sealed: !plain });
    for (const note of notesOf({ masterKey, store, place: place.name })) process.stderr.write(`${note}\n`);
  });
}

function notesOf({ masterKey, store, place }: { masterKey: string; store: string; place: string }): string[] {
  return [
    ...(masterKey === 'left out' ? [`The master key is not in it: keep ${place} safe elsewhere.`] : []),
    ...(store === 'postgres' ? ['The store is in PostgreSQL: save it too, with pg_dump.'] : []),
  ];
}
