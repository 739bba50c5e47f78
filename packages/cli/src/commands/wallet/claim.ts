import * as Flags from '@oclif/core/flags';
import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class WalletClaim extends WalletCommand {
  static override summary = 'Have what a worker earned paid to its account.';
  static override description =
    'The operator of the network publishes what every account has earned, and gives each a claim: its total and the\nproof of it. A claim pays what was not paid yet, to that account alone, whoever sends it.';
  static override examples = ['<%= config.bin %> wallet claim --file claim.json'];
  static override flags = {
    ...WalletCommand.feeFlag,
    file: Flags.string({ summary: 'File with the claim, or - for stdin.', required: true }),
  };

  async run() {
    const { flags } = await this.parse(WalletClaim);
    const { claim, readClaim } = await import('../../actions/wallet/claim.ts');
    const given = await readClaim(flags.file);
    const account = await this.openAccount(flags);
    return this.printSent(await claim(account, given, this.submitOptions(flags)));
  }
}
