import * as Args from '@oclif/core/args';
import { appFlags } from '../../app-flags.ts';
import { BaseCommand } from '../../base-command.ts';

export default class DeploymentPlan extends BaseCommand {
  static override summary = 'Where an application would go, at what price, and why not elsewhere.';
  static override description = 'The same as rios deploy --dry-run: nothing is uploaded or changed.';
  static override examples = [
    '<%= config.bin %> deployment plan examples/hello-http --replicas 3 --memory 1Gi',
  ];
  static override args = {
    path: Args.string({ description: 'Folder of the application, or a saved image.', default: '.' }),
  };
  static override flags = appFlags;

  async run() {
    const { args, flags } = await this.parse(DeploymentPlan);
    const { plan } = await import('../../actions/deploy/deploy.ts');
    const { formatPlan } = await import('../../print/deploy.ts');
    const target = this.target(flags);
    const options = { target, path: args.path, flags, env: process.env, signal: this.signal };
    const report = await plan(options, await this.progress(flags));
    this.print(formatPlan(report));
    return report;
  }
}
