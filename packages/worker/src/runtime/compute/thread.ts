import { parentPort, workerData } from 'node:worker_threads';
import { RiosError } from '@rios/sdk/errors/error';
import { type Channel, createChannel } from '../channel.ts';
import type { ComputeCalls, NetworkCalls } from '../messages.ts';
import { loadOrt } from './ort.ts';
import { createThreadCalls } from './thread-calls.ts';

/** Entry of a compute thread: ONNX sessions live here, and nowhere else in the worker. */
async function start(): Promise<void> {
  if (parentPort === null) throw new RiosError('BUG_UNEXPECTED', 'a compute thread was started as a program');
  const { provider } = workerData as { provider: string };
  const ort = await loadOrt(provider);
  const calls = createThreadCalls(ort, () => main);
  const main: Channel<NetworkCalls> = createChannel<NetworkCalls, ComputeCalls>(
    parentPort,
    calls,
    (error) => {
      const stack = error instanceof Error ? (error.stack ?? '') : '';
      main.tell('unexpected', { message: String(error), stack });
    },
  );
  main.tell('ready', undefined);
}

await start();
