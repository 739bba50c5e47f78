import { EXIT } from '@rios/sdk/errors/catalog';
import { BaseCommand } from '../../../base-command.ts';

export default class AuthAuditVerify extends BaseCommand {
  static override summary = 'Check that no entry of the audit log was changed or removed.';
  static override description =
    'Every entry holds the hash of the one before. Exits with 10 when the chain is broken.';

  async run() {
    const { flags } = await this.parse(AuthAuditVerify);
    const client = await this.client(flags);
    const verdict = await client.verifyAudit({ signal: this.signal });
    this.print(
      verdict.ok
        ? `${verdict.entries} entries, unbroken`
        : `broken at entry ${verdict.brokenAt ?? '?'}: ${verdict.reason}`,
    );
    if (!verdict.ok) process.exitCode = EXIT.integrity;
    return verdict;
  }
}
