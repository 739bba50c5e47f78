// A worker that waits a fiftieth of the time before it looks for its orchestrator again. Arguments as `rios-worker`.
import { start } from '../../packages/worker/src/start.ts';
import { parseStartOptions } from '../../packages/worker/src/start-options.ts';
import { listenForSignals } from '../../packages/worker/src/stopping.ts';

/** A pause is its length times 0.5 + 0.5 x this. */
const FIFTIETH = -0.96;

process.umask(0o077);
const options = { ...parseStartOptions(process.argv.slice(3), process.env), random: () => FIFTIETH };
const print = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);
process.exit(await start(options, listenForSignals(), print));
