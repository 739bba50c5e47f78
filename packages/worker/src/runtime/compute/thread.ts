import { parentPort, workerData } from 'node:worker_threads';
import { RiosError } from '@rios/sdk/errors/error';
import { type Channel, createChannel } from '../channel.ts';
import { createExitGate } from '../exit-gate.ts';
import type { ComputeCalls, NetworkCalls } from '../messages.ts';
import type { ThreadStart } from '../start-thread.ts';
import { loadOrt } from './ort.ts';
import { createThreadCalls } from './thread-calls.ts';

/** Entry of a compute thread: ONNX sessions live here, and nowhere else in the worker. */
async function start(): Promise<void> {
  if (parentPort === null) throw new RiosError('BUG_UNEXPECTED', 'a compute thread was started as a program');
  const { provider, memory } = workerData as ThreadStart;
  const ort = await loadOrt(provider, createExitGate(memory));
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
