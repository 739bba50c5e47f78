import type { DevReady } from '../actions/dev/options.ts';

/** What runs, in one line. */
export function formatDevSummary(ready: DevReady): string {
  const models = ready.models.map(({ name, shape }) => `${name} (${shape ?? 'not placed'})`);
  const what = models.length === 0 ? 'no model' : models.join(', ');
  return `RiOS is up at ${ready.apiUrl}: ${ready.workers.length} workers, ${what}`;
}

/** Where applications are, and who would run them; nothing without an ingress. */
function formatApps({ appsPort, workers }: DevReady): string[] {
  if (appsPort === null) return [];
  const engines = new Map<string, number>();
  for (const { containers } of workers) {
    if (containers !== null) engines.set(containers, (engines.get(containers) ?? 0) + 1);
  }
  if (engines.size === 0) {
    const reason = workers.find(({ containersReason }) => containersReason !== null)?.containersReason;
    return [`Applications: no worker takes containers${reason === undefined ? '' : `: ${reason}`}`];
  }
  const by = [...engines].map(([engine, count]) => `${engine} on ${count} of ${workers.length} workers`);
  return [`Applications: http://<name>.localhost:${appsPort} (rios deploy <dir>); ${by.join(', ')}.`];
}

/** How to use a dev network, in words. */
export function formatDevReady(ready: DevReady): string {
  const ask = ready.models[0]?.name ?? '<model>';
  return [
    formatDevSummary(ready),
    '',
    'In another terminal:',
    `  export RIOS_API_URL=${ready.apiUrl} RIOS_API_TOKEN="$(cat '${ready.tokenFile}')"`,
    `  rios run ${ask} "Once upon a time"`,
    '  rios status',
    '',
    `OpenAI clients: base URL ${ready.openaiUrl}, the token as API key.`,
    ...formatApps(ready),
    ...(ready.rpcUrl === null ? [] : [`Chain for development (money of no worth): ${ready.rpcUrl}`]),
    `All files: ${ready.dataDir}. Ctrl-C stops everything.`,
  ].join('\n');
}
