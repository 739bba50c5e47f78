import * as Flags from '@oclif/core/flags';
import { EXIT } from '@rios/sdk/errors/catalog';
import { BaseCommand } from '../base-command.ts';

export default class Audit extends BaseCommand {
  static override summary = 'Compute an epoch anew from its public receipts, and compare it with the chain.';
  static override description =
    `Needs the file and an RPC alone: no account, no orchestrator. Checks each worker's signature, each charge and sum,
both roots, and that the amounts owed before are those of the epoch before. Exits with 10 when anything differs.
Without --chain-file the file itself names the contract: compare that with what the network says.`;
  static override examples = [
    '<%= config.bin %> audit --epoch 3 --file epoch-3.receipts --rpc-url https://rpc.example.org',
  ];
  static override flags = {
    epoch: Flags.integer({ summary: 'Which epoch.', required: true, min: 1 }),
    file: Flags.string({ summary: 'Its public file of receipts.', required: true }),
    'rpc-url': Flags.string({ summary: 'RPC of the chain.', env: 'RIOS_RPC_URL', required: true }),
    'chain-file': Flags.string({
      summary: 'File that names the chain and the contract that are meant.',
      env: 'RIOS_CHAIN_FILE',
    }),
    earlier: Flags.string({
      summary: 'File of an earlier epoch, to see that nothing was paid in both; may be given again.',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'from-block': Flags.integer({
      summary: 'First block to look for publications in: before that of the epoch before.',
      default: 0,
      min: 0,
    }),
  };

  async run() {
    const { flags } = await this.parse(Audit);
    const { audit } = await import('../actions/settlement/audit.ts');
    const { formatAudit } = await import('../print/settlement.ts');
    const { epoch, file: path, 'rpc-url': rpcUrl, 'chain-file': chainFile, timeout: timeoutMs } = flags;
    const { 'from-block': fromBlock, earlier = [] } = flags;
    const wish = { epoch, path, rpcUrl, chainFile, fromBlock, earlier, timeoutMs };
    const report = await audit({ ...wish, signal: this.signal }, await this.progress(flags));
    this.print(formatAudit(report));
    if (!report.equal) process.exitCode = EXIT.integrity;
    return report;
  }
}
