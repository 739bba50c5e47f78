// A worker that does the work of metering METERING_TIMES times. Arguments as `rios-worker`.
import { start } from '../../packages/worker/src/start.ts';
import { parseStartOptions } from '../../packages/worker/src/start-options.ts';
import { listenForSignals } from '../../packages/worker/src/stopping.ts';

process.umask(0o077);
const meteringTimes = Number(process.env.METERING_TIMES);
const options = { ...parseStartOptions(process.argv.slice(3), process.env), meteringTimes };
const print = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);
process.exit(await start(options, listenForSignals(), print));
