import * as Flags from '@oclif/core/flags';
import { appFlags } from '../../app-flags.ts';
import { BaseCommand } from '../../base-command.ts';
import { appArgument, detachFlag } from '../../deployment-flags.ts';

const { name: _name, ...changes } = appFlags;

export default class DeploymentUpdate extends BaseCommand {
  static override summary = 'Make a release that differs from the latest one by what the flags say.';
  static override description =
    'What is not said stays as it is, the files too; for new files run rios deploy. Variables, secrets and labels are\nadded to those there are. Ends as rios deploy does: exit code 9 when it was rolled back.';
  static override examples = [
    '<%= config.bin %> update hello --memory 512Mi --env LOG=debug',
    '<%= config.bin %> deployment update hello --unset LOG --detach',
  ];
  static override aliases = ['update'];
  static override args = appArgument;
  static override flags = {
    ...changes,
    unset: Flags.string({
      summary: 'Take this variable, or secret, away; may be given again.',
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...detachFlag,
  };

  async run() {
    const { args, flags } = await this.parse(DeploymentUpdate);
    const { updateDeployment } = await import('../../actions/deployment/update.ts');
    const client = await this.client(flags);
    const { detach, unset = [], timeout: timeoutMs } = flags;
    const options = { ...args, client, flags, unset, detach, timeoutMs, signal: this.signal };
    const view = await updateDeployment(options, await this.progress(flags));
    this.print(`release ${view.latestRelease} of ${view.name} is ${view.state}: ${view.url}`);
    return view;
  }
}
