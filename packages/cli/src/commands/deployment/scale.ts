import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { appArgument, replicasArgument, waitFlag } from '../../deployment-flags.ts';

export default class DeploymentScale extends BaseCommand {
  static override summary = 'Change how many replicas run, without a new release.';
  static override description =
    'A number sets both bounds. Between --min and --max the autoscaler of the application decides.';
  static override examples = [
    '<%= config.bin %> scale hello 3 --wait',
    '<%= config.bin %> scale hello --min 0 --max 5',
  ];
  static override aliases = ['scale'];
  static override args = {
    ...appArgument,
    replicas: replicasArgument({ description: 'How many.' }),
  };
  static override flags = {
    min: Flags.integer({ summary: 'Least replicas; 0 lets it sleep.', min: 0, max: 1000 }),
    max: Flags.integer({ summary: 'Most replicas.', min: 0, max: 1000 }),
    ...waitFlag('as many are healthy as are wanted'),
  };

  async run() {
    const { args, flags } = await this.parse(DeploymentScale);
    const { scaleDeployment } = await import('../../actions/deployment/scale.ts');
    const client = await this.client(flags);
    const { min, max, wait, timeout: timeoutMs } = flags;
    const options = { ...args, min, max, wait, timeoutMs, client, signal: this.signal };
    const view = await scaleDeployment(options, await this.progress(flags));
    this.print(`${view.name}: ${view.healthy} of ${view.wanted} healthy`);
    return view;
  }
}
