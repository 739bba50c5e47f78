import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { dataDirFlag, passphraseFlag } from '../../flags.ts';

export default class OrchestratorRestore extends BaseCommand {
  static override summary = 'Make a data directory from what `rios orchestrator backup` saved.';
  static override description =
    'The whole archive is checked first; the directory is there whole, or not at all.';
  static override examples = [
    '<%= config.bin %> orchestrator restore --from monday.rios --data-dir /srv/rios/orchestrator',
  ];
  static override flags = {
    ...dataDirFlag('RIOS_ORCHESTRATOR_DATA_DIR'),
    from: Flags.string({ summary: 'The archive.', required: true }),
    ...passphraseFlag,
  };

  async run() {
    const { flags } = await this.parse(OrchestratorRestore);
    const { restore } = await import('../../actions/orchestrator/backup.ts');
    const { orchestratorDir } = await import('../../actions/data-dirs.ts');
    const options = {
      dataDir: orchestratorDir(flags['data-dir']),
      from: flags.from,
      passphraseFile: flags['passphrase-file'],
      asking: this.asking(flags),
      signal: this.signal,
    };
    const report = await restore(options, await this.progress(flags));
    const date = new Date(report.createdAt).toISOString();
    this.print(
      `restored ${report.networkId} of ${date} to ${report.dataDir}; start it with rios orchestrator start --data-dir`,
    );
    return report;
  }
}
