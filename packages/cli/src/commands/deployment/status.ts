import { EXIT } from '@rios/sdk/errors/catalog';
import { BaseCommand } from '../../base-command.ts';
import { appArgument } from '../../deployment-flags.ts';

/** What a monitor should be woken by. */
const BAD: readonly string[] = ['failed', 'degraded', 'paused'];

export default class DeploymentStatus extends BaseCommand {
  static override summary = 'How an application stands.';
  static override description = 'Ends with exit code 9 when it is failed, degraded or paused, else with 0.';
  static override args = appArgument;

  async run() {
    const { args, flags } = await this.parse(DeploymentStatus);
    const client = await this.client(flags);
    const { formatDeploymentStatus } = await import('../../print/deployments/format-deployments.ts');
    const { spec: _spec, ...status } = await client.getDeployment({ params: args, signal: this.signal });
    this.print(formatDeploymentStatus(status, Date.now()));
    if (BAD.includes(status.state)) process.exitCode = EXIT.failed;
    return status;
  }
}
