import { EXIT } from '@rios/sdk/errors/catalog';
import { BaseCommand } from '../base-command.ts';

export default class Doctor extends BaseCommand {
  static override summary = 'Check this machine and the network, and say what to do about each finding.';

  async run() {
    const { flags } = await this.parse(Doctor);
    const { diagnose } = await import('../actions/doctor.ts');
    const { resolveHome } = await import('@rios/sdk/config/home');
    const { formatChecks } = await import('../print/checks.ts');
    const progress = await this.progress(flags);
    progress.step('Checking');
    const { 'api-url': apiUrl, context } = flags;
    const report = await diagnose({ home: resolveHome(), apiUrl, context, signal: this.signal });
    progress.stop();
    this.print(formatChecks(report.checks));
    if (!report.ok) process.exitCode = EXIT.failed;
    return report;
  }
}
