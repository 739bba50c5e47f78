import { BaseCommand } from '../../base-command.ts';
import { appArgument, waitFlag } from '../../deployment-flags.ts';

export default class DeploymentRestart extends BaseCommand {
  static override summary =
    'Replace every replica, one after the other; starts a stopped or paused application.';
  static override args = appArgument;
  static override flags = waitFlag('all replicas are new and healthy');

  async run() {
    const { args, flags } = await this.parse(DeploymentRestart);
    const { restartDeployment } = await import('../../actions/deployment/restart.ts');
    const client = await this.client(flags);
    const options = { ...args, client, wait: flags.wait, timeoutMs: flags.timeout, signal: this.signal };
    const view = await restartDeployment(options, await this.progress(flags));
    this.remark(flags.wait ? `restarted ${view.name}` : `restarting ${view.name}`, flags);
    return view;
  }
}
