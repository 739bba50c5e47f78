import { randomUUID } from 'node:crypto';
import { decodeText, encodeText } from '../store/stored-value.ts';
import type { Message } from './queue.ts';
import type { RabbitLink } from './rabbit-link.ts';

/** Headers of our messages. */
const ATTEMPT = 'x-rios-attempt';
const REASON = 'x-rios-reason';
/** Set by quorum queues: how often it was given to a consumer that did not settle it. */
const DELIVERY_COUNT = 'x-delivery-count';

const SHORTEST_WAIT_MS = 16;
/** A waiting queue goes when nothing was put into it for so long after its messages have left. */
const WAITING_QUEUE_IDLE_MS = 60_000;

/** What RabbitMQ gave us, as far as we look at it. */
export interface Delivery {
  readonly content: Buffer;
  readonly properties: {
    readonly messageId?: unknown;
    readonly headers?: Record<string, unknown> | undefined;
  };
}

/** The queues of one topic: work, dead letters, and one per length of wait, from which messages fall into work. */
export interface Topology {
  readonly work: string;
  readonly dead: string;
  /** Declares both; call it before use. */
  declare(): Promise<void>;
  /** Puts a message where it becomes work after `delayMs`, rounded up to a power of two. */
  enqueue(message: Omit<Message, 'topic'>, delayMs: number): Promise<void>;
  bury(message: Omit<Message, 'topic'>, reason: string): Promise<void>;
}

export function createTopology(link: RabbitLink, prefix: string, topic: string): Topology {
  const work = `${prefix}.${topic}.work`;
  const dead = `${prefix}.${topic}.dead`;
  const send = (queue: string, { id, body, attempt }: Omit<Message, 'topic'>, headers = {}) =>
    link.send(queue, Buffer.from(encodeText(body)), {
      messageId: id,
      headers: { [ATTEMPT]: attempt, ...headers },
    });
  return {
    work,
    dead,
    declare: async () => {
      await link.declare(work, {});
      await link.declare(dead, {});
    },
    enqueue: async (message, delayMs) => {
      if (delayMs <= 0) return send(work, message);
      const waitMs = 2 ** Math.ceil(Math.log2(Math.max(delayMs, SHORTEST_WAIT_MS)));
      const waiting = `${prefix}.${topic}.wait-${waitMs}`;
      // Each time anew: that starts the time over after which RabbitMQ removes it.
      await link.declare(waiting, {
        'x-message-ttl': waitMs,
        'x-expires': waitMs + WAITING_QUEUE_IDLE_MS,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': work,
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      });
      await send(waiting, message);
    },
    bury: (message, reason) => send(dead, message, { [REASON]: encodeText(reason) }),
  };
}

/** Reads a delivery; what somebody else put into the queue is a message as well. */
export function readDelivery({ content, properties }: Delivery): Omit<Message, 'topic'> & { reason: string } {
  const headers = properties.headers ?? {};
  const count = (name: string, otherwise: number) => {
    const value = Number(headers[name] ?? otherwise);
    return Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
  };
  return {
    id: typeof properties.messageId === 'string' ? properties.messageId : randomUUID(),
    body: decodeText(content.toString('utf8')),
    attempt: count(ATTEMPT, 1) + count(DELIVERY_COUNT, 0),
    reason: typeof headers[REASON] === 'string' ? decodeText(headers[REASON]) : '',
  };
}
