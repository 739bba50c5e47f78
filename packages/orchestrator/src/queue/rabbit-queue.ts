import { randomUUID } from 'node:crypto';
import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import { checkMessage, type DeadLetter, type Queue } from './queue.ts';
import { runRabbitConsumer } from './rabbit-consumer.ts';
import { createRabbitLink, type RabbitLink } from './rabbit-link.ts';
import { createTopology, readDelivery } from './rabbit-topology.ts';

export interface RabbitQueueOptions {
  readonly url: string;
  /** Before the name of every queue, so that networks can share a RabbitMQ; for example the network's id. */
  readonly prefix: string;
}

/**
 * A queue in RabbitMQ 3.10 or newer, shared by all orchestrators with the same URL and prefix: quorum queues,
 * publisher confirms, manual acknowledgements. The client is loaded with the first use.
 */
export function createRabbitQueue(
  { url, prefix }: RabbitQueueOptions,
  modules: { clock: Clock; log: Log },
): Queue {
  const link = createRabbitLink(url);
  const consumers = new Set<() => Promise<void>>();
  const topologyOf = (topic: string) => {
    checkMessage(topic, '');
    return createTopology(link, prefix, topic);
  };
  return {
    publish: async (topic, body, delayMs = 0) => {
      checkMessage(topic, body);
      const topology = topologyOf(topic);
      await topology.declare();
      const id = randomUUID();
      await topology.enqueue({ id, body, attempt: 1 }, delayMs);
      return id;
    },
    consume: async (topic, options, work) => {
      const topology = topologyOf(topic);
      const end = await runRabbitConsumer({ ...options, topic, topology, work }, { ...modules, link });
      consumers.add(end);
      return async () => {
        consumers.delete(end);
        await end();
      };
    },
    listDead: async (topic, limit) => {
      const topology = topologyOf(topic);
      await topology.declare();
      return peek(link, topology.dead, limit);
    },
    stop: async () => {
      await Promise.all([...consumers].map((end) => end()));
      await link.stop();
    },
  };
}

/** Looks at messages without taking them: those that are not settled go back when the channel closes. */
async function peek(link: RabbitLink, queue: string, limit: number): Promise<DeadLetter[]> {
  const channel = await link.openChannel();
  try {
    const found: DeadLetter[] = [];
    while (found.length < limit) {
      const delivery = await channel.get(queue);
      if (delivery === false) break;
      const { id, body, reason } = readDelivery(delivery);
      const attempts = Number(delivery.properties.headers?.['x-rios-attempt'] ?? 1);
      found.push({ id, body, attempts, reason });
    }
    return found;
  } finally {
    await channel.close().catch(() => {});
  }
}
