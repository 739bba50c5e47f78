import * as Args from '@oclif/core/args';
import { appFlags } from '../app-flags.ts';
import { BaseCommand } from '../base-command.ts';

export default class Init extends BaseCommand {
  static override summary = 'Write rios.yaml for an application: by asking, or by flags.';
  static override examples = [
    '<%= config.bin %> init',
    "<%= config.bin %> init hello --run 'node server.js' --port 8080 --health /healthz --no-input",
  ];
  static override args = {
    folder: Args.string({ description: 'Folder of the application.', default: '.' }),
  };
  static override flags = appFlags;

  async run() {
    const { args, flags } = await this.parse(Init);
    const { initProject } = await import('../actions/init/init-project.ts');
    const asking = this.asking(flags);
    const written = await initProject({ folder: args.folder, flags, asking, env: process.env });
    this.print(written.file);
    this.remark(`next: rios deploy ${args.folder}`, flags);
    return written;
  }
}
