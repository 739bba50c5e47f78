import { formatRos } from '@rios/sdk/chain/amounts';
import type { AppReport, ModelReport, PlanReport } from '@rios/sdk/schema/deploy-results';
import { formatPlacement } from './models.ts';
import { formatTable } from './table.ts';

const anHour = (wei: string) => `${formatRos(BigInt(wei))} an hour`;

/** Where replicas would go, what they would cost, and why not elsewhere. */
export function formatPlan(plan: PlanReport): string {
  const { name, placed, unplaced, rejected, priceWei } = plan;
  const wanted = placed.length + unplaced;
  const parts = [`${name}: room for ${placed.length} of ${wanted} replicas, ${anHour(priceWei)}`];
  if (placed.length > 0) {
    const rows = placed.map(({ workerName, priceWei: price }) => [workerName, anHour(price)]);
    parts.push(formatTable(['worker', 'price'], rows));
  }
  if (rejected.length > 0) {
    const rows = rejected.map(({ workerName, reasons }) => [workerName, reasons.join('; ')]);
    parts.push(formatTable(['not on', 'because'], rows));
  }
  return parts.join('\n\n');
}

/** What a deploy came to. */
function formatDeployed({ name, release, state, healthy, wanted, url }: AppReport): string {
  return `release ${release} of ${name} is ${state}, ${healthy} of ${wanted} healthy: ${url}`;
}

/** Whatever `rios deploy` came to. */
export function formatReport(report: AppReport | PlanReport | ModelReport): string {
  switch (report.kind) {
    case 'app':
      return formatDeployed(report);
    case 'plan':
      return formatPlan(report);
    case 'model':
      return formatPlacement(report);
  }
}
