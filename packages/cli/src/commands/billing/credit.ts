import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class BillingCredit extends BaseCommand {
  static override summary = 'Give an account credit (operators); it is written to the audit log.';
  static override examples = ['<%= config.bin %> billing credit ada@example.org 25'];
  static override args = {
    account: Args.string({ description: 'Address of a person, or id of an account.', required: true }),
    amount: Args.string({ description: 'For example 25 or "25 ROS".', required: true }),
  };

  async run() {
    const { args, flags } = await this.parse(BillingCredit);
    const { formatRos, parseRos } = await import('@rios/sdk/chain/amounts');
    const amountWei = String(parseRos(args.amount));
    const whom = args.account.includes('@') ? { email: args.account } : { accountId: args.account };
    const client = await this.client(flags);
    const body = { ...whom, amountWei };
    const given = await client.giveCredit({ body, signal: this.signal });
    this.print(
      `${given.accountId} has ${formatRos(BigInt(given.balanceWei))} now, ${formatRos(BigInt(given.amountWei))} of it new`,
    );
    return given;
  }
}
