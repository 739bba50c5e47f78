import { BaseCommand } from '../../base-command.ts';

export default class DeploymentList extends BaseCommand {
  static override summary = 'List your applications.';
  static override aliases = ['list'];

  async run() {
    const { flags } = await this.parse(DeploymentList);
    const client = await this.client(flags);
    const { formatDeployments } = await import('../../print/deployments/format-deployments.ts');
    const answer = await client.listDeployments({ signal: this.signal });
    this.print(formatDeployments(answer.deployments, Date.now()));
    return answer;
  }
}
