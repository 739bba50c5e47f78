import * as Args from '@oclif/core/args';
import { StakeCommand } from '../../wallet/stake-command.ts';

export default class StakePayout extends StakeCommand {
  static override summary = 'Send the earnings of a worker to another address.';
  static override examples = ['<%= config.bin %> stake payout 0x1234567890123456789012345678901234567890'];
  static override args = {
    address: Args.string({ description: 'Where earnings go from now on.', required: true }),
  };
  static override flags = { ...StakeCommand.feeFlag };

  async run() {
    const { args, flags } = await this.parse(StakePayout);
    const { changePayout } = await import('../../actions/stake/change-payout.ts');
    const worker = await this.whichWorker(flags);
    const account = await this.openAccount(flags);
    const wish = { worker, payout: args.address };
    return this.printStake(await changePayout(account, wish, this.submitOptions(flags)));
  }
}
