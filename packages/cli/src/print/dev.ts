import type { DevReady } from '../actions/dev/options.ts';

/** How to use a dev network, in words. */
export function formatDevReady(ready: DevReady): string {
  const models = ready.models.map(({ name, shape }) => `${name} (${shape ?? 'not placed'})`);
  const ask = ready.models[0]?.name ?? '<model>';
  return [
    `RiOS is up: ${ready.workers.length} workers, ${models.length === 0 ? 'no model' : models.join(', ')}`,
    '',
    'In another terminal:',
    `  export RIOS_API_URL=${ready.apiUrl} RIOS_API_TOKEN="$(cat '${ready.tokenFile}')"`,
    `  rios run ${ask} "Once upon a time"`,
    '  rios status',
    '',
    `OpenAI clients: base URL ${ready.openaiUrl}, the token as API key.`,
    `All files: ${ready.dataDir}. Ctrl-C stops everything.`,
  ].join('\n');
}
