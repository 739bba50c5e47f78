import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { appFlags } from '../app-flags.ts';
import { BaseCommand } from '../base-command.ts';

export default class Deploy extends BaseCommand {
  static override summary = 'Deploy an application: a folder, an image, a saved image; or a model.';
  static override description =
    'Reads rios.yaml of the folder; flags count over it. Packs the folder without what .riosignore names, uploads what\nthe network lacks, makes a release and waits until it is healthy. A release that does not become healthy is rolled\nback (exit code 9). Ctrl-C stops the waiting only.';
  static override examples = [
    '<%= config.bin %> deploy examples/hello-http',
    '<%= config.bin %> deploy --replicas 3 --sandbox gvisor',
    '<%= config.bin %> deploy --image registry.example/hello@sha256:… --name hello --port 8080',
    '<%= config.bin %> deploy hello.tar.gz --name hello --port 8080',
    '<%= config.bin %> deploy --model ./tiny-moe.bundle',
  ];
  static override args = {
    path: Args.string({ description: 'Folder of the application, or a saved image.', default: '.' }),
  };
  static override flags = {
    ...appFlags,
    model: Flags.string({ summary: 'Deploy this model bundle instead.', exclusive: ['image', 'base'] }),
    wait: Flags.boolean({ summary: 'Wait until it is healthy: the default.', exclusive: ['detach'] }),
    detach: Flags.boolean({ summary: 'Do not wait until the new release is healthy.' }),
    'dry-run': Flags.boolean({ summary: 'Only say where it would go, and at what price.' }),
  };

  async run() {
    const { args, flags } = await this.parse(Deploy);
    const { deploy } = await import('../actions/deploy/deploy.ts');
    const { formatReport } = await import('../print/deploy.ts');
    const target = this.target(flags);
    const options = { target, path: args.path, flags, env: process.env, signal: this.signal };
    const report = await deploy(options, await this.progress(flags));
    this.print(formatReport(report));
    return report;
  }
}
