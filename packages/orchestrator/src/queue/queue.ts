import { RiosError } from '@rios/sdk/errors/error';

/** Longest body of a message, bytes of UTF-8. Put more into the store and send its id. */
export const MAX_BODY_BYTES = 1_048_576;
/** Longest reason kept with a dead letter. */
export const MAX_REASON_LENGTH = 1_000;

export interface Message {
  readonly id: string;
  readonly topic: string;
  readonly body: string;
  /** 1 the first time; counts failures, and consumers that died with it. */
  readonly attempt: number;
}

export interface DeadLetter {
  readonly id: string;
  readonly body: string;
  readonly attempts: number;
  /** What the last attempt failed with. */
  readonly reason: string;
}

export interface ConsumeOptions {
  /** Messages worked on at the same time. */
  readonly concurrency: number;
  /** Then the message is a dead letter. */
  readonly maxAttempts: number;
  /** How long to wait after the failure of attempt 1, 2, …; milliseconds. RabbitMQ waits up to twice as long. */
  readonly backoffMs: (attempt: number) => number;
}

/** Carries a message out. Resolved = done; thrown = tried again later. Must bear to be called twice. */
export type Work = (message: Message) => Promise<void>;

/**
 * Work that must not be forgotten: each message is carried out at least once, by one consumer of its topic at
 * any orchestrator. In the store or in RabbitMQ. Topics are short words such as `mail` or `billing.settle`.
 */
export interface Queue {
  /**
   * Resolves with the message's id when the queue has it for good. `delayMs`: not before then.
   * @throws RiosError SERVICE_UNAVAILABLE (retryable; the message was perhaps taken), USER_INVALID_REQUEST
   */
  publish(topic: string, body: string, delayMs?: number): Promise<string>;
  /** Works on a topic until the returned function is called; that waits for what is under way. */
  consume(topic: string, options: ConsumeOptions, work: Work): Promise<() => Promise<void>>;
  listDead(topic: string, limit: number): Promise<DeadLetter[]>;
  /** Ends all consumers and waits for what is under way. Idempotent. */
  stop(): Promise<void>;
}

/** @throws RiosError USER_INVALID_REQUEST when the topic is no short word or the body too long */
export function checkMessage(topic: string, body: string): void {
  if (!/^[a-z][a-z0-9.-]{0,63}$/.test(topic)) {
    throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(topic.slice(0, 64))} is no topic`);
  }
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_BODY_BYTES) {
    throw new RiosError('USER_INVALID_REQUEST', `a message has ${bytes} bytes, at most ${MAX_BODY_BYTES}`);
  }
}

/** The text of a failure, as kept with a dead letter. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, MAX_REASON_LENGTH);
