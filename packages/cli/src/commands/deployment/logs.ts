import * as Flags from '@oclif/core/flags';
import { BaseCommand, durationFlag } from '../../base-command.ts';
import { appArgument } from '../../deployment-flags.ts';

export default class DeploymentLogs extends BaseCommand {
  static override summary = 'What the containers of an application write; JSON lines under --json.';
  static override examples = [
    '<%= config.bin %> logs hello -f',
    '<%= config.bin %> logs hello --since 10m --no-prefix',
  ];
  static override aliases = ['logs'];
  static override args = appArgument;
  static override flags = {
    follow: Flags.boolean({ char: 'f', summary: 'Go on as they write.' }),
    lines: Flags.integer({
      char: 'n',
      summary: 'Lines of each replica to begin with.',
      default: 100,
      min: 0,
      max: 100_000,
    }),
    since: durationFlag({ summary: 'Only what was written in the last, for example 10m.' }),
    replica: Flags.string({ summary: 'Only of this replica (rios describe shows their ids).' }),
    prefix: Flags.boolean({
      summary: 'The end of its id before each line of a replica.',
      default: true,
      allowNo: true,
    }),
  };

  async run() {
    const { args, flags } = await this.parse(DeploymentLogs);
    const { showLogs } = await import('../../actions/deployment/show-logs.ts');
    const { since, lines: tail, follow, replica, prefix } = flags;
    await showLogs({
      ...args,
      client: await this.client(flags),
      tail,
      follow,
      replica,
      prefix,
      since: since === undefined ? undefined : Date.now() - since,
      json: this.jsonEnabled() ? (piece) => this.logJson(piece) : undefined,
      signal: this.signal,
      remark: (text) => this.remark(text, flags),
    });
  }
}
