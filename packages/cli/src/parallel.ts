/**
 * Runs `work` on every item, at most `width` at once. The first failure aborts the signal that the others got,
 * and is thrown when all have ended.
 */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController();
  const both = AbortSignal.any([signal, failing.signal]);
  const queue = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      both.throwIfAborted();
      await work(next.value, both);
    }
  };
  await Promise.allSettled(
    Array.from({ length: width }, () =>
      lane().catch((error: unknown) => {
        failing.abort(error);
        throw error;
      }),
    ),
  );
  signal.throwIfAborted();
  if (failing.signal.aborted) throw failing.signal.reason;
}
