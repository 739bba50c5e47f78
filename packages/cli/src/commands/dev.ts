import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../base-command.ts';

export default class Dev extends BaseCommand {
  static override summary = 'A whole network on this machine: one Ctrl-C stops it all.';
  static override description =
    'Starts an orchestrator, workers and a chain as real processes, splits, pushes and places the models, and waits.\nWith --exec it runs a command against the network (RIOS_API_URL, RIOS_API_TOKEN, RIOS_RPC_URL,\nRIOS_CHAIN_FILE, OPENAI_BASE_URL, OPENAI_API_KEY and RIOS_MAIL_DIR are set), stops everything and ends with its exit code.';
  static override examples = [
    '<%= config.bin %> dev --model ./tiny-moe',
    '<%= config.bin %> dev --model ./tiny-moe --exec \'rios run tiny-moe "Once upon a time"\'',
  ];
  static override flags = {
    workers: Flags.integer({ summary: 'How many workers.', default: 3, min: 1, max: 64 }),
    model: Flags.string({
      summary: 'Checkpoint directory or bundle; may be given again.',
      multiple: true,
      multipleNonGreedy: true,
    }),
    shape: Flags.option({ options: ['replica', 'chain', 'island'] as const, summary: 'Force a shape.' })(),
    spread: Flags.boolean({ summary: 'No worker may hold all experts of any layer.' }),
    chain: Flags.boolean({
      summary: 'With a chain for development; --no-chain leaves it out.',
      default: true,
      allowNo: true,
    }),
    'apps-port': Flags.integer({
      summary: 'Port for applications: http://<name>.localhost:<port>; 0 for any free one.',
      default: 0,
      min: 0,
      max: 65_535,
    }),
    'data-dir': Flags.string({
      summary: 'Directory for all that the network keeps; a temporary one with --exec.',
    }),
    exec: Flags.string({ summary: 'Command to run against the network.' }),
  };
  protected override readonly ownsSignals = true;

  async run() {
    const { flags } = await this.parse(Dev);
    const { devCommand } = await import('../actions/dev/dev-command.ts');
    const { model: models = [], 'data-dir': dataDir, 'apps-port': appsPort, timeout, ...rest } = flags;
    const given = { ...rest, models, dataDir, appsPort, startTimeoutMs: timeout, json: this.jsonEnabled() };
    process.exitCode = await devCommand(given, await this.progress(flags));
  }
}
