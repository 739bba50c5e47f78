/** What was opened, and is closed in the opposite order. */
export interface Closers {
  add(close: () => void | Promise<void>): void;
  /** Closes everything; a failure to close one thing does not keep the rest open. Idempotent. */
  close(): Promise<void>;
}

/** Nothing is open at first. */
export function createClosers(onError: (error: unknown) => void): Closers {
  const opened: (() => void | Promise<void>)[] = [];
  return {
    add: (close) => void opened.push(close),
    async close() {
      for (const end of opened.splice(0).reverse()) {
        try {
          await end();
        } catch (error) {
          onError(error);
        }
      }
    },
  };
}
