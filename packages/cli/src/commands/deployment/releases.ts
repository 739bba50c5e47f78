import { BaseCommand } from '../../base-command.ts';
import { appArgument } from '../../deployment-flags.ts';

export default class DeploymentReleases extends BaseCommand {
  static override summary = 'List the releases of an application, newest first.';
  static override args = appArgument;

  async run() {
    const { args, flags } = await this.parse(DeploymentReleases);
    const client = await this.client(flags);
    const { formatReleases } = await import('../../print/deployments/format-releases.ts');
    const answer = await client.listReleases({ params: args, signal: this.signal });
    this.print(formatReleases(answer.releases, Date.now()));
    return answer;
  }
}
