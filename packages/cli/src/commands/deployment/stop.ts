import { BaseCommand } from '../../base-command.ts';
import { appArgument, waitFlag } from '../../deployment-flags.ts';

export default class DeploymentStop extends BaseCommand {
  static override summary =
    'Stop every replica; the application stays, and rios deployment restart starts it again.';
  static override aliases = ['stop'];
  static override args = appArgument;
  static override flags = waitFlag('no replica is left');

  async run() {
    const { args, flags } = await this.parse(DeploymentStop);
    const client = await this.client(flags);
    const stopping = await client.stopDeployment({ params: args, signal: this.signal });
    if (!flags.wait) {
      this.remark(`stopping ${stopping.name}`, flags);
      return stopping;
    }
    const { awaitDeployment } = await import('../../actions/deployment/await-deployment.ts');
    const progress = await this.progress(flags);
    progress.step(`Stopping ${args.name}`);
    const options = { ...args, client, timeoutMs: flags.timeout, signal: this.signal };
    return awaitDeployment(options, ({ replicas }) => replicas.length === 0, progress);
  }
}
