import { EXIT } from '@rios/sdk/errors/catalog';
import { type AppOptions, startApp } from './app.ts';
import { prepare, takeDirectory } from './prepare.ts';

/** How the process hears that it should end. */
export interface Stopping {
  /** Resolves at the first signal. */
  readonly asked: Promise<string>;
  /** Asks from inside. */
  ask(reason: string): void;
}

/**
 * `rios-worker start`: runs in the foreground until a signal comes or the network asks, then leaves in order.
 * Resolves with the exit code. Throws what `prepare` and `startApp` throw.
 */
export async function start(
  options: AppOptions,
  stopping: Stopping,
  print: (event: object) => void,
): Promise<number> {
  const { dir, lock } = await takeDirectory(options.dataDir);
  try {
    const prepared = await prepare(options, dir);
    const { peerId } = prepared.identity;
    const { name } = prepared.offer;
    const app = await startApp(prepared, options, {
      onReady: (addresses) => print({ event: 'ready', peerId, name, addresses, dataDir: dir.root }),
      onDrainAsked: () => stopping.ask('drain'),
    });
    try {
      const reason = await Promise.race([stopping.asked, app.refused]);
      prepared.log.info('leaving', { reason: reason ?? 'stopped' });
      await app.drain();
    } finally {
      await app.stop();
    }
    return EXIT.ok;
  } finally {
    lock.release();
  }
}
