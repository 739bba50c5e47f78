import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { dataDirFlag, masterKeyFlag, passphraseFlag } from '../../flags.ts';

export default class OrchestratorBackup extends BaseCommand {
  static override summary = 'Save an orchestrator into one file: its store, keys and models.';
  static override description =
    'The orchestrator may run or not. With DATABASE_URL the store is saved by pg_dump, and this saves the rest.';
  static override examples = ['<%= config.bin %> orchestrator backup --out monday.rios'];
  static override flags = {
    ...dataDirFlag('RIOS_ORCHESTRATOR_DATA_DIR'),
    out: Flags.string({ summary: 'The archive, which must not be there yet.', required: true }),
    ...passphraseFlag,
    plain: Flags.boolean({
      summary: 'Do not seal it: whoever reads it has the network.',
      exclusive: ['passphrase-file'],
    }),
    'without-blobs': Flags.boolean({ summary: "Leave the models' bytes out." }),
    'with-master-key': Flags.boolean({
      summary: 'Put the master key in; without it, second factors and logins need the one that you keep.',
    }),
    ...masterKeyFlag,
  };

  async run() {
    const { flags } = await this.parse(OrchestratorBackup);
    const { backUp } = await import('../../actions/orchestrator/backup.ts');
    const { orchestratorDir } = await import('../../actions/data-dirs.ts');
    const options = {
      dataDir: orchestratorDir(flags['data-dir']),
      out: flags.out,
      passphraseFile: flags['passphrase-file'],
      plain: flags.plain,
      withoutBlobs: flags['without-blobs'],
      withMasterKey: flags['with-master-key'],
      masterKey: flags['master-key'],
      asking: this.asking(flags),
      signal: this.signal,
    };
    const report = await backUp(options, await this.progress(flags));
    this.print(
      `saved ${report.networkId} in ${report.out}: ${report.files} files, ${report.blobs} of models`,
    );
    return report;
  }
}
