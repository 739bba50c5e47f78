import { BaseCommand } from '../../base-command.ts';
import { appArgument, waitFlag } from '../../deployment-flags.ts';

export default class DeploymentDelete extends BaseCommand {
  static override summary = 'Delete an application: its replicas, its releases and their files.';
  static override aliases = ['delete'];
  static override args = appArgument;
  static override flags = waitFlag('nothing of it is left');

  async run() {
    const { args, flags } = await this.parse(DeploymentDelete);
    const { confirm } = await import('../../prompts/confirm.ts');
    await confirm(`Delete ${args.name} and all that is its?`, this.asking(flags));
    const client = await this.client(flags);
    const { deleteDeployment } = await import('../../actions/deployment/delete.ts');
    const options = { ...args, client, wait: flags.wait, timeoutMs: flags.timeout, signal: this.signal };
    await deleteDeployment(options, await this.progress(flags));
    this.remark(flags.wait ? `deleted ${args.name}` : `deleting ${args.name}`, flags);
    return { ok: true, name: args.name } as const;
  }
}
