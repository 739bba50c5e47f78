import { type ErrorBody, fromErrorBody, RiosError, toErrorBody } from '@rios/sdk/errors/error';

/** Calls by name: each takes one plain value and answers with one. */
export type Calls<Names> = { [Name in keyof Names]: (ask: never) => Promise<unknown> };

type Ask<Call> = Call extends (ask: infer Value) => unknown ? Value : never;
type Answer<Call> = Call extends (ask: never) => Promise<infer Value> ? Value : never;
type Soon<Value> = Value | Promise<Value>;

/** Answers the other side's calls. */
export type CallHandlers<Mine extends Calls<Mine>> = {
  [Name in keyof Mine]: (ask: Ask<Mine[Name]>) => Soon<Answer<Mine[Name]>>;
};

/** Calls between two threads, matched by number. */
export interface Channel<Theirs extends Calls<Theirs>> {
  /**
   * Asks and waits. A `Uint8Array` in `ask` (itself, or a property) that owns its whole buffer is moved: the
   * caller must not use it again. Rejects with the other side's RiosError, or with the one given to `close`.
   */
  call<Name extends keyof Theirs & string>(name: Name, ask: Ask<Theirs[Name]>): Promise<Answer<Theirs[Name]>>;
  /** Says without waiting; an error on the other side is not told. Silent once closed. */
  tell<Name extends keyof Theirs & string>(name: Name, ask: Ask<Theirs[Name]>): void;
  /** Rejects all calls in flight and all later ones. */
  close(error: RiosError): void;
}

/** The part of a Worker or MessagePort that a channel uses. */
export interface Port {
  postMessage(value: unknown, transfer: ArrayBuffer[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

type Message =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly value: unknown }
  | { readonly kind: 'tell'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorBody };

interface Pending {
  resolve(value: unknown): void;
  reject(error: RiosError): void;
}

/**
 * Both ends are this program: messages are trusted to have their shape, their content is not.
 * `untold` gets the errors of `tell`, which has no answer to carry them.
 */
export function createChannel<Theirs extends Calls<Theirs>, Mine extends Calls<Mine>>(
  port: Port,
  handlers: CallHandlers<Mine>,
  untold: (error: unknown) => void,
): Channel<Theirs> {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let closed: RiosError | undefined;
  const post = (message: Message, value: unknown) => {
    const packed = pack(value);
    port.postMessage({ ...message, ...('value' in message ? { value: packed.value } : {}) }, packed.transfer);
  };
  const answer = async (id: number, name: string, value: unknown) => {
    try {
      const result = await callHandler(handlers, name, value);
      post({ kind: 'answer', id, value: result }, result);
    } catch (error) {
      post({ kind: 'error', id, error: toErrorBody(error) }, undefined);
    }
  };
  port.on('message', (raw) => {
    const message = raw as Message;
    if (message.kind === 'call') void answer(message.id, message.name, message.value);
    else if (message.kind === 'tell') callHandler(handlers, message.name, message.value).catch(untold);
    else settle(pending, message);
  });
  return {
    call(name, ask) {
      if (closed !== undefined) return Promise.reject(closed);
      const id = nextId++;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        post({ kind: 'call', id, name, value: ask }, ask);
      });
    },
    tell(name, ask) {
      if (closed === undefined) post({ kind: 'tell', name, value: ask }, ask);
    },
    close(error) {
      closed ??= error;
      for (const { reject } of pending.values()) reject(error);
      pending.clear();
    },
  };
}

async function callHandler(handlers: object, name: string, value: unknown): Promise<unknown> {
  const handler: unknown = Reflect.get(handlers, name);
  if (typeof handler !== 'function') throw new RiosError('BUG_UNEXPECTED', `no such call: ${name}`);
  return handler(value);
}

function settle(pending: Map<number, Pending>, message: Message & { kind: 'answer' | 'error' }): void {
  const waiting = pending.get(message.id);
  pending.delete(message.id);
  if (message.kind === 'answer') waiting?.resolve(message.value);
  else waiting?.reject(fromErrorBody(message.error, 'BUG_UNEXPECTED'));
}

/** Byte arrays of a message, ready to move: a view on a larger buffer is cut out first. */
function pack(value: unknown): { value: unknown; transfer: ArrayBuffer[] } {
  if (value instanceof Uint8Array) {
    const bytes = ownBytes(value);
    return { value: bytes, transfer: [bytes.buffer] };
  }
  if (typeof value !== 'object' || value === null) return { value, transfer: [] };
  const found = Object.entries(value).filter(([, field]) => field instanceof Uint8Array);
  if (found.length === 0) return { value, transfer: [] };
  const owned = found.map(([name, field]) => [name, ownBytes(field as Uint8Array)] as const);
  return {
    value: { ...value, ...Object.fromEntries(owned) },
    transfer: owned.map(([, bytes]) => bytes.buffer),
  };
}

function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const whole = buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength;
  return whole ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
