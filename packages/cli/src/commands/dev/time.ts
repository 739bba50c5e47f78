import * as Flags from '@oclif/core/flags';
import { BaseCommand, durationFlag } from '../../base-command.ts';

export default class DevTime extends BaseCommand {
  static override summary = 'Move the time of the dev chain on.';
  static override description =
    'What waits on a chain for days, a withdrawal for example, need not be waited for. Only a dev chain has such a\nclock.';
  static override examples = ['<%= config.bin %> dev time --advance 8d'];
  static override flags = {
    advance: durationFlag({ summary: 'By how much, for example 90s, 6h or 8d.', required: true }),
    'rpc-url': Flags.string({
      summary: 'JSON-RPC of the dev chain; by default the one that the orchestrator names.',
      env: 'RIOS_RPC_URL',
    }),
  };

  async run() {
    const { flags } = await this.parse(DevTime);
    const { advanceTime } = await import('../../actions/dev/time.ts');
    const rpcUrl =
      flags['rpc-url'] ?? (await (await this.client(flags)).getChain({ signal: this.signal })).rpcUrl;
    const moved = await advanceTime(rpcUrl, flags.advance, this.signal);
    this.print(`the chain's time is ${new Date(moved.time).toISOString()}, block ${moved.height}`);
    return moved;
  }
}
