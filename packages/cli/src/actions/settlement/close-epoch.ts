import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@rios/sdk/api/client';
import type { EpochView } from '@rios/sdk/schema/settlement';
import type { Progress } from '../../progress/progress.ts';

export interface CloseOptions {
  readonly client: Pick<Client, 'closeEpoch' | 'getEpoch'>;
  /** Until it is on the chain, or cannot be. */
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const POLL_MS = 300;

/**
 * Closes the running epoch, and follows it to the chain; what is still on its way after `timeoutMs` is given as it is.
 * @throws RiosError SETTLEMENT_NOTHING, SETTLEMENT_WAITS, SERVICE_UNAVAILABLE
 */
export async function closeEpoch(options: CloseOptions, progress: Progress): Promise<EpochView> {
  const { client, wait, timeoutMs, signal } = options;
  progress.step('Closing the epoch');
  let view = await client.closeEpoch({ signal });
  if (!wait) return view;
  const params = { epoch: view.epoch };
  progress.step(`Publishing epoch ${view.epoch}`);
  const deadline = performance.now() + timeoutMs;
  while (isUnderWay(view) && performance.now() < deadline) {
    await delay(POLL_MS, undefined, { signal });
    view = await client.getEpoch({ params, signal });
  }
  return view;
}

const isUnderWay = ({ state }: EpochView): boolean => state === 'closing' || state === 'built';
