import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class DevReset extends BaseCommand {
  static override summary = 'Begin a dev network anew: its chain and its database go together.';
  static override description =
    'Removes the chain, accounts, pushed models and events of a dev network that does not run. Its workers, split\nmodels and wallets stay.';
  static override examples = [
    '<%= config.bin %> dev reset',
    '<%= config.bin %> dev reset --data-dir ./net --yes',
  ];
  static override flags = {
    'data-dir': Flags.string({ summary: 'Directory of the network, as for rios dev.' }),
  };

  async run() {
    const { flags } = await this.parse(DevReset);
    const { resetDev } = await import('../../actions/dev/reset.ts');
    const { devDir } = await import('../../actions/data-dirs.ts');
    const report = await resetDev(devDir(flags['data-dir']), this.asking(flags));
    this.print(
      report.removed.length === 0
        ? `nothing to remove in ${report.dataDir}`
        : `removed: ${report.removed.join(', ')} of ${report.dataDir}`,
    );
    return report;
  }
}
