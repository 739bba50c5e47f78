import { BaseCommand } from '../base-command.ts';

export default class WhoAmI extends BaseCommand {
  static override summary = 'Who the orchestrator takes you for, and what you may do.';

  async run() {
    const { flags } = await this.parse(WhoAmI);
    const client = await this.client(flags);
    const { formatWhoami } = await import('../print/accounts.ts');
    const who = await client.whoami({ signal: this.signal });
    this.print(formatWhoami(who));
    return who;
  }
}
