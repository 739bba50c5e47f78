import { hasCode, RiosError } from '@rios/sdk/errors/error';
import {
  type BackupReport,
  backupReportSchema,
  type RestoreReport,
  restoreReportSchema,
} from '@rios/sdk/schema/cli-results';
import type { Progress } from '../../progress/progress.ts';
import { type Asking, canPrompt } from '../../prompts/confirm.ts';
import { ask } from '../ask.ts';
import { runUpkeep } from './upkeep.ts';

interface ArchiveOptions {
  readonly dataDir: string;
  readonly passphraseFile: string | undefined;
  readonly asking: Pick<Asking, 'json' | 'noInput'>;
  readonly signal: AbortSignal;
}

export interface BackupOptions extends ArchiveOptions {
  readonly out: string;
  readonly plain: boolean;
  readonly withoutBlobs: boolean;
  readonly withMasterKey: boolean;
  readonly masterKey: string | undefined;
}

export interface RestoreOptions extends ArchiveOptions {
  readonly from: string;
}

const QUESTION = {
  message: 'Passphrase of the archive',
  secret: true,
  otherwise: 'Add --passphrase-file, or set RIOS_BACKUP_PASSPHRASE.',
};

const passphraseArgs = (file: string | undefined) =>
  file === undefined ? [] : [`--passphrase-file=${file}`];

/** Asked twice: an archive that nobody can open is none. */
async function askNewPassphrase(options: BackupOptions): Promise<string | undefined> {
  const isGiven = options.passphraseFile !== undefined || Boolean(process.env.RIOS_BACKUP_PASSPHRASE);
  if (options.plain || isGiven) return undefined;
  const passphrase = await ask(QUESTION, options.asking);
  if ((await ask({ ...QUESTION, message: 'Once more' }, options.asking)) === passphrase) return passphrase;
  throw new RiosError('USER_INVALID_REQUEST', 'the two passphrases differ');
}

/** Saves the orchestrator of a data directory into an archive. */
export async function backUp(options: BackupOptions, progress: Progress): Promise<BackupReport> {
  const { dataDir, out, passphraseFile, masterKey, signal } = options;
  const passphrase = await askNewPassphrase(options);
  const args = [
    'backup',
    `--data-dir=${dataDir}`,
    `--out=${out}`,
    ...passphraseArgs(passphraseFile),
    ...(options.plain ? ['--plain'] : []),
    ...(options.withoutBlobs ? ['--without-blobs'] : []),
    ...(options.withMasterKey ? ['--with-master-key'] : []),
    ...(masterKey === undefined ? [] : [`--master-key=${masterKey}`]),
  ];
  return runUpkeep({ args, result: 'saved', signal, passphrase }, backupReportSchema, progress);
}

/** Makes a data directory from an archive; the passphrase is asked for only when the archive needs one. */
export async function restore(options: RestoreOptions, progress: Progress): Promise<RestoreReport> {
  const { dataDir, from, passphraseFile, asking, signal } = options;
  const args = ['restore', `--from=${from}`, `--data-dir=${dataDir}`, ...passphraseArgs(passphraseFile)];
  const run = (passphrase?: string) =>
    runUpkeep({ args, result: 'restored', signal, passphrase }, restoreReportSchema, progress);
  try {
    return await run();
  } catch (error) {
    if (!hasCode(error, 'USER_INPUT_NEEDED') || !canPrompt(asking)) throw error;
    progress.stop();
    return run(await ask(QUESTION, asking));
  }
}
