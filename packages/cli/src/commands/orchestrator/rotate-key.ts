import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { dataDirFlag, masterKeyFlag } from '../../flags.ts';

export default class OrchestratorRotateKey extends BaseCommand {
  static override summary = 'Make a new master key and seal the stored secrets anew.';
  static override description =
    'The orchestrator may run or not. A run that was cut off loses nothing: run it again. DATABASE_URL and ' +
    'RIOS_MASTER_KEY_FILE are read as at its start.';
  static override examples = [
    '<%= config.bin %> orchestrator rotate-key',
    '<%= config.bin %> orchestrator rotate-key --drop-old',
    '<%= config.bin %> orchestrator rotate-key --signing',
  ];
  static override flags = {
    ...dataDirFlag('RIOS_ORCHESTRATOR_DATA_DIR'),
    ...masterKeyFlag,
    'drop-old': Flags.boolean({
      summary: 'Make no new key: remove the old ones, once nothing is sealed under them.',
      exclusive: ['signing'],
    }),
    signing: Flags.boolean({ summary: 'A new key for access tokens instead of a new master key.' }),
  };

  async run() {
    const { flags } = await this.parse(OrchestratorRotateKey);
    const { describeRotation, rotateKey } = await import('../../actions/orchestrator/rotate-key.ts');
    const { orchestratorDir } = await import('../../actions/data-dirs.ts');
    const options = {
      dataDir: orchestratorDir(flags['data-dir']),
      signing: flags.signing,
      dropOld: flags['drop-old'],
      masterKey: flags['master-key'],
      signal: this.signal,
    };
    const rotation = await rotateKey(options, await this.progress(flags));
    this.print(describeRotation(rotation));
    return rotation;
  }
}
