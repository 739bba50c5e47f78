import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class WalletClaim extends WalletCommand {
  static override summary = 'Have what a worker earned paid to its account.';
  static override description =
    'The operator of the network publishes what every account has earned, and gives each a claim: its total and the\nproof of it. A claim pays what was not paid yet, to that account alone, whoever sends it.';
  static override examples = [
    '<%= config.bin %> wallet claim',
    '<%= config.bin %> wallet claim 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '<%= config.bin %> wallet claim --file claim.json',
  ];
  static override args = {
    address: Args.string({ description: 'Whose earnings; your wallet’s by default.' }),
  };
  static override flags = {
    ...WalletCommand.feeFlag,
    file: Flags.string({
      summary: 'File with the claim, or - for stdin; by default the orchestrator is asked.',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(WalletClaim);
    const { readClaim } = await import('../../actions/wallet/read-claim.ts');
    const { findClaim } = await import('../../actions/wallet/find-claim.ts');
    const { claim } = await import('../../actions/wallet/claim.ts');
    const given = flags.file === undefined ? undefined : await readClaim(flags.file, args.address);
    const account = await this.openAccount(flags);
    const asked = given ?? (await findClaim(account, args.address, await this.client(flags)));
    return this.printSent(await claim(account, asked, this.submitOptions(flags)));
  }
}
