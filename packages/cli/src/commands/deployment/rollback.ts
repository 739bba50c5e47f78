import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { appArgument, detachFlag } from '../../deployment-flags.ts';

export default class DeploymentRollback extends BaseCommand {
  static override summary = 'Deploy an earlier release again: the one before, or --to.';
  static override examples = ['<%= config.bin %> deployment rollback hello --to 3'];
  static override args = appArgument;
  static override flags = {
    ...detachFlag,
    to: Flags.integer({ summary: 'Number of the release (rios deployment releases).', min: 1 }),
  };

  async run() {
    const { args, flags } = await this.parse(DeploymentRollback);
    const client = await this.client(flags);
    const { followRelease } = await import('../../actions/deployment/follow-release.ts');
    const body = flags.to === undefined ? {} : { release: flags.to };
    const made = await client.rollbackDeployment({ params: args, body, signal: this.signal });
    const options = { client, made, detach: flags.detach, timeoutMs: flags.timeout, signal: this.signal };
    const view = await followRelease(options, await this.progress(flags));
    this.print(`release ${made.latestRelease} of ${view.name} is ${view.state}: ${view.url}`);
    return view;
  }
}
