import { EXIT } from '@rios/sdk/errors/catalog';
import type { Stopping } from './start.ts';

/** Hears SIGTERM and SIGINT: the first asks to end, the second ends at once with exit code 143. */
export function listenForSignals(): Stopping {
  const { promise, resolve } = Promise.withResolvers<string>();
  const keepAlive = setInterval(() => {}, 2 ** 30);
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (++signals > 1) process.exit(EXIT.terminated);
    resolve(signal);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  void promise.then(() => clearInterval(keepAlive));
  return { asked: promise, ask: resolve };
}
