import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

const WAIT_MS = 60_000;

export default class EpochClose extends BaseCommand {
  static override summary = 'Settle now what workers have earned, and not at the next hour.';
  static override description =
    'Waits until the epoch is on the chain; for --timeout (1 m), and then it goes on without this command. After a veto, or\nwhen an epoch was stopped, this is what lets settlement go on: look first why.';
  static override flags = {
    wait: Flags.boolean({ summary: 'Wait until it is published.', default: true, allowNo: true }),
  };

  async run() {
    const { flags } = await this.parse(EpochClose);
    const client = await this.client(flags);
    const { closeEpoch } = await import('../../actions/settlement/close-epoch.ts');
    const { formatEpoch } = await import('../../print/epochs.ts');
    const { wait, timeout: timeoutMs = WAIT_MS } = flags;
    const view = await closeEpoch(
      { client, wait, timeoutMs, signal: this.signal },
      await this.progress(flags),
    );
    this.print(formatEpoch(view));
    return view;
  }
}
