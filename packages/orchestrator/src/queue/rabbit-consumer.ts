import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { Channel, ConsumeMessage } from 'amqplib';
import { createAlarm } from './alarm.ts';
import { type ConsumeOptions, reasonOf, type Work } from './queue.ts';
import type { RabbitLink } from './rabbit-link.ts';
import { readDelivery, type Topology } from './rabbit-topology.ts';

/** After a break, connecting is tried again this often. */
const RECONNECT_MS = 500;

export interface RabbitConsumerOptions extends ConsumeOptions {
  readonly topic: string;
  readonly topology: Topology;
  readonly work: Work;
}

/**
 * Consumes until the returned function is called, over every break of the connection. Resolves once the first
 * connection consumes. @throws RiosError SERVICE_UNAVAILABLE when that fails.
 */
export async function runRabbitConsumer(
  options: RabbitConsumerOptions,
  modules: { link: RabbitLink; clock: Clock; log: Log },
): Promise<() => Promise<void>> {
  const { clock, log } = modules;
  const underWay = new Set<Promise<void>>();
  const alarm = createAlarm(clock);
  let stopped = false;
  let current = await openConsumer(options, modules, underWay);
  const run = async () => {
    while (!stopped) {
      await current.closed;
      if (stopped) return;
      log.warn('consuming was cut off', { topic: options.topic });
      await alarm.wait(RECONNECT_MS);
      current = await openConsumer(options, modules, underWay).catch(() => current);
    }
  };
  const running = run();
  return async () => {
    if (stopped) return;
    stopped = true;
    await current.cancel();
    await Promise.all(underWay);
    await current.close();
    alarm.ring();
    await running;
  };
}

interface OpenConsumer {
  /** Resolves when the channel is gone. */
  readonly closed: Promise<void>;
  /** No more messages after this. */
  cancel(): Promise<void>;
  close(): Promise<void>;
}

async function openConsumer(
  options: RabbitConsumerOptions,
  { link, log }: { link: RabbitLink; log: Log },
  underWay: Set<Promise<void>>,
): Promise<OpenConsumer> {
  await options.topology.declare();
  const channel = await link.openChannel();
  const closed = new Promise<void>((resolve) => channel.once('close', resolve));
  await channel.prefetch(options.concurrency);
  const { consumerTag } = await channel.consume(options.topology.work, (delivery) => {
    // RabbitMQ ended the consumer, for example because the queue was removed.
    if (delivery === null) return void channel.close().catch(() => {});
    const working = carryOut(channel, delivery, options, log).finally(() => underWay.delete(working));
    underWay.add(working);
  });
  return {
    closed,
    cancel: async () => {
      await channel.cancel(consumerTag).catch(() => {});
    },
    close: () => channel.close().catch(() => {}),
  };
}

/** Works on one message and settles it. Never throws: what is not settled, RabbitMQ gives to a consumer again. */
async function carryOut(
  channel: Channel,
  delivery: ConsumeMessage,
  { topic, topology, maxAttempts, backoffMs, work }: RabbitConsumerOptions,
  log: Log,
): Promise<void> {
  const message = readDelivery(delivery);
  const { id, body, attempt } = message;
  try {
    const failure =
      attempt > maxAttempts ? new Error('its consumers died') : await tryWork(work, { ...message, topic });
    if (failure !== undefined) {
      log.warn('a message failed', { topic, id, attempt, error: reasonOf(failure) });
      if (attempt >= maxAttempts) await topology.bury({ id, body, attempt }, reasonOf(failure));
      else await topology.enqueue({ id, body, attempt: attempt + 1 }, backoffMs(attempt));
    }
    channel.ack(delivery);
  } catch (error) {
    log.warn('a message could not be settled', { topic, id, error: reasonOf(error) });
  }
}

/** What the work failed with; undefined when it was done. */
async function tryWork(work: Work, { id, topic, body, attempt }: Parameters<Work>[0]): Promise<unknown> {
  try {
    await work({ id, topic, body, attempt });
    return undefined;
  } catch (error) {
    return error ?? new Error('failed');
  }
}
