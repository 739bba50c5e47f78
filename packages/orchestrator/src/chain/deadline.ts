import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';

/** What `work` gives, if it does in time. @throws RiosError CHAIN_TIMEOUT naming `what` */
export async function withDeadline<T>(
  work: Promise<T>,
  { what, timeoutMs, clock }: { readonly what: string; readonly timeoutMs: number; readonly clock: Clock },
): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(timeoutMs, () =>
      reject(new RiosError('CHAIN_TIMEOUT', `${what} took longer than ${timeoutMs} ms`)),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
