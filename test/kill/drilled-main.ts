// An orchestrator that kills itself at a point of its work on money. Arguments as `rios-orchestrator start`.
import { writeSync } from 'node:fs';
import { toErrorBody, toRiosError } from '@rios/sdk/errors/error';
import { createLog } from '@rios/sdk/log';
import { startApp } from '../../packages/orchestrator/src/app.ts';
import { readConfig } from '../../packages/orchestrator/src/config.ts';
import type { FaultPoint } from '../../packages/orchestrator/src/fault-point.ts';
import { DOOM, type Doom } from './fault-points.ts';

const STDOUT = 1;
const print = (event: object) => writeSync(STDOUT, `${JSON.stringify(event)}\n`);

/** Dies as a machine without power would, for its own process: nothing after it is done. */
function die(point: string): Promise<never> {
  print({ event: 'dying', point });
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

function createDoom({ point: chosen, passes, anyAfterMs }: Doom): FaultPoint {
  let left = passes;
  let anyFrom = Number.POSITIVE_INFINITY;
  return (name) => {
    if (performance.now() >= anyFrom || (name === chosen && left-- <= 0)) return die(name);
    if (name === 'billing.captured') anyFrom = Math.min(anyFrom, performance.now() + anyAfterMs);
    return undefined;
  };
}

async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  process.umask(0o077);
  const config = readConfig(args.slice(1), env);
  const point = createDoom(JSON.parse(env[DOOM] ?? '') as Doom);
  const app = await startApp(config, await createLog('orchestrator', config.logLevel), { point });
  process.once('SIGTERM', () => void app.stop().then(() => process.exit(0)));
  print({ event: 'ready', ...app.ready });
}

await main(process.argv.slice(2), process.env).catch((error: unknown) => {
  print({ event: 'error', error: toErrorBody(toRiosError(error)) });
  process.exit(1);
});
