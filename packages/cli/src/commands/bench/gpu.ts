import { BaseCommand } from '../../base-command.ts';

export default class BenchGpu extends BaseCommand {
  static override summary = 'Run the GPU of this machine against its CPU: speed, and the largest difference.';

  async run() {
    await this.parse(BenchGpu);
    const { runToEnd } = await import('../../actions/foreground.ts');
    const { formatReport } = await import('../../print/report.ts');
    const events = await runToEnd('worker', ['bench-gpu'], { signal: this.signal });
    const { event: _, ...report } = events.at(-1) ?? { event: 'result' };
    this.print(formatReport(report));
    return report;
  }
}
