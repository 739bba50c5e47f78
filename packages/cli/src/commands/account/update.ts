import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class AccountUpdate extends BaseCommand {
  static override summary = 'Change the name that is shown.';
  static override flags = { name: Flags.string({ summary: 'Name to show.', required: true }) };

  async run() {
    const { flags } = await this.parse(AccountUpdate);
    const client = await this.client(flags);
    const { name: displayName } = flags;
    const answer = await client.updateProfile({ body: { displayName }, signal: this.signal });
    this.remark(`you are shown as ${displayName} now`, flags);
    return { ...answer, displayName };
  }
}
