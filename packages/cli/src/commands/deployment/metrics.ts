import { BaseCommand } from '../../base-command.ts';
import { appArgument } from '../../deployment-flags.ts';

export default class DeploymentMetrics extends BaseCommand {
  static override summary = 'Requests, latencies, and what its containers use.';
  static override args = appArgument;

  async run() {
    const { args, flags } = await this.parse(DeploymentMetrics);
    const client = await this.client(flags);
    const { formatMetrics } = await import('../../print/deployments/format-metrics.ts');
    const metrics = await client.deploymentMetrics({ params: args, signal: this.signal });
    this.print(formatMetrics(metrics));
    return metrics;
  }
}
