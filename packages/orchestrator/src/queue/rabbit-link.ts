import { setTimeout as wait } from 'node:timers/promises';
import { RiosError } from '@rios/sdk/errors/error';
import type { Channel, ChannelModel, ConfirmChannel, Options } from 'amqplib';

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 10_000;
const HEARTBEAT_SECONDS = 10;

/** One connection to RabbitMQ, made when first needed and again after it broke. */
export interface RabbitLink {
  /** A channel of its own for one consumer or one look; the caller closes it. */
  openChannel(): Promise<Channel>;
  /** Resolves when RabbitMQ has confirmed that `queue`, which must exist, holds the message. */
  send(queue: string, content: Buffer, options: Options.Publish): Promise<void>;
  /** Declares a queue that is kept, replicated and confirmed; doing it again changes nothing. */
  declare(queue: string, args: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

/** Nothing is loaded or connected before the first call. Every function throws SERVICE_UNAVAILABLE. */
export function createRabbitLink(url: string): RabbitLink {
  let opening: Promise<Opened> | undefined;
  const opened = () => {
    opening ??= open(url, () => {
      opening = undefined;
    });
    return opening;
  };
  return {
    openChannel: async () => attempt(async () => quiet(await (await opened()).connection.createChannel())),
    send: async (queue, content, options) => {
      const { channel } = await opened();
      await attempt(() => confirm(channel, queue, content, options));
    },
    declare: async (queue, args) => {
      const { channel } = await opened();
      const options = { durable: true, arguments: { 'x-queue-type': 'quorum', ...args } };
      await attempt(() => channel.assertQueue(queue, options));
    },
    stop: async () => {
      const current = await opening?.catch(() => undefined);
      await current?.connection.close().catch(() => {});
    },
  };
}

interface Opened {
  readonly connection: ChannelModel;
  readonly channel: ConfirmChannel;
}

async function open(url: string, onEnd: () => void): Promise<Opened> {
  try {
    return await attempt(async () => {
      const { connect } = await import('amqplib');
      const address = new URL(url);
      if (!address.searchParams.has('heartbeat')) {
        address.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
      }
      const connection = await connect(address.href, { timeout: CONNECT_TIMEOUT_MS });
      connection.on('close', onEnd);
      // Told to whoever asks something of the queue meanwhile.
      connection.on('error', onEnd);
      const channel = quiet(await connection.createConfirmChannel());
      // A channel that RabbitMQ closed: start over with a new connection.
      channel.on('close', () => {
        onEnd();
        connection.close().catch(() => {});
      });
      return { connection, channel };
    });
  } catch (error) {
    onEnd();
    throw error;
  }
}

/** Without a listener an error of the channel would end the process; its calls fail anyway. */
function quiet<C extends Channel>(channel: C): C {
  channel.on('error', () => {});
  return channel;
}

/** `mandatory` brings a message back that no queue took; RabbitMQ confirms that one as well. */
function confirm(
  channel: ConfirmChannel,
  queue: string,
  content: Buffer,
  options: Options.Publish,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let returned = false;
    const onReturn = (message: { properties: { messageId?: unknown } }) => {
      if (message.properties.messageId === options.messageId) returned = true;
    };
    const settle = (error: unknown) => {
      channel.off('return', onReturn);
      channel.off('close', onClose);
      if (error === null && !returned) resolve();
      else reject(error ?? new Error(`no queue ${queue}`));
    };
    const onClose = () => settle(new Error('the channel was closed'));
    channel.on('return', onReturn);
    channel.on('close', onClose);
    channel.publish('', queue, content, { ...options, persistent: true, mandatory: true }, settle);
  });
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  const late = new AbortController();
  const deadline = wait(ANSWER_TIMEOUT_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`no answer in ${ANSWER_TIMEOUT_MS} ms`);
  });
  try {
    return await Promise.race([work(), deadline]);
  } catch (cause) {
    if (cause instanceof RiosError) throw cause;
    const details = { service: 'queue' };
    throw new RiosError('SERVICE_UNAVAILABLE', 'RabbitMQ cannot be reached', { details, cause });
  } finally {
    deadline.catch(() => {});
    late.abort();
  }
}
