import * as Flags from '@oclif/core/flags';
import { EXIT } from '@rios/sdk/errors/catalog';
import { BaseCommand } from '../base-command.ts';

export default class Audit extends BaseCommand {
  static override summary = 'Compute an epoch anew from its public receipts, and compare it with the chain.';
  static override description =
    `Needs the file and an RPC alone: no account, no orchestrator. Without --file the orchestrator is asked for it; what it
says is not believed, but checked. Checks each worker's signature, each charge and sum,
both roots, and that the amounts owed before are those of the epoch before. Exits with 10 when anything differs.
Without --chain-file the file itself names the contract: compare that with what the network says.`;
  static override examples = [
    '<%= config.bin %> audit --epoch 3 --file epoch-3.receipts --rpc-url https://rpc.example.org',
  ];
  static override flags = {
    epoch: Flags.integer({ summary: 'Which epoch.', required: true, min: 1 }),
    file: Flags.string({
      summary: 'Its public file of receipts; by default the orchestrator is asked for it.',
    }),
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
    const { auditFile } = await import('../actions/settlement/audit-file.ts');
    const { formatAudit } = await import('../print/settlement.ts');
    const { epoch, file, 'rpc-url': rpcUrl, 'chain-file': chainFile, timeout: timeoutMs } = flags;
    const { 'from-block': fromBlock, earlier = [] } = flags;
    const progress = await this.progress(flags);
    const client = file === undefined ? await this.client(flags) : undefined;
    const wish = { epoch, file, client, rpcUrl, chainFile, fromBlock, earlier, timeoutMs };
    const report = await auditFile({ ...wish, signal: this.signal }, progress);
    this.print(formatAudit(report));
    if (!report.equal) process.exitCode = EXIT.integrity;
    return report;
  }
}
