import { BaseCommand } from '../../base-command.ts';
import { appArgument } from '../../deployment-flags.ts';

export default class DeploymentDescribe extends BaseCommand {
  static override summary = 'Show all of an application: how it stands, what was wished, its replicas.';
  static override aliases = ['describe'];
  static override args = appArgument;

  async run() {
    const { args, flags } = await this.parse(DeploymentDescribe);
    const client = await this.client(flags);
    const { formatDeployment } = await import('../../print/deployments/format-deployments.ts');
    const view = await client.getDeployment({ params: args, signal: this.signal });
    this.print(formatDeployment(view, Date.now()));
    return view;
  }
}
