import type { DevReady } from '../actions/dev/options.ts';

/** What runs, in one line. */
export function formatDevSummary(ready: DevReady): string {
  const models = ready.models.map(({ name, shape }) => `${name} (${shape ?? 'not placed'})`);
  const what = models.length === 0 ? 'no model' : models.join(', ');
  return `RiOS is up at ${ready.apiUrl}: ${ready.workers.length} workers, ${what}`;
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
    ...(ready.rpcUrl === null ? [] : [`Chain for development (money of no worth): ${ready.rpcUrl}`]),
    `All files: ${ready.dataDir}. Ctrl-C stops everything.`,
  ].join('\n');
}
