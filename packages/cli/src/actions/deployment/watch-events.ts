import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@rios/sdk/api/client';
import type { EventView } from '@rios/sdk/schema/api';

const POLL_MS = 1000;

/** Gives each event of a deployment, oldest first; with `follow` also those that come, until `signal` fires. */
export async function watchEvents(options: {
  readonly client: Client;
  readonly name: string;
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EventView) => void;
}): Promise<void> {
  const { client, name, follow, signal, onEvent } = options;
  let after = 0;
  for (;;) {
    const { events } = await client.deploymentEvents({ params: { name }, query: { after }, signal });
    for (const event of events) {
      after = Math.max(after, event.id);
      onEvent(event);
    }
    if (!follow) return;
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
  }
}
