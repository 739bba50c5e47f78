import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@rios/sdk/api/client';
import { RiosError } from '@rios/sdk/errors/error';
import type { DeploymentView } from '@rios/sdk/schema/deployment';
import type { Progress } from '../../progress/progress.ts';

const POLL_MS = 200;
const DEFAULT_TIMEOUT_MS = 300_000;

export interface AwaitOptions {
  readonly client: Client;
  readonly name: string;
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** 'rolling: why', or how many are healthy where no reason is given. */
export function describeState({ state, healthy, wanted, reason }: DeploymentView): string {
  return `${state}: ${reason === '' ? `${healthy} of ${wanted} are healthy` : reason}`;
}

/**
 * Looks at a deployment again and again until `isDone` says so (or throws), telling how it stands.
 * @throws RiosError API_TIMEOUT, and what the orchestrator says
 */
export async function awaitDeployment(
  options: AwaitOptions,
  isDone: (view: DeploymentView) => boolean | Promise<boolean>,
  progress: Progress,
): Promise<DeploymentView> {
  const { client, name, signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const startedAt = Date.now();
  let said = '';
  for (;;) {
    const view = await client.getDeployment({ params: { name }, signal });
    if (await isDone(view)) return view;
    if (Date.now() - startedAt > timeoutMs) {
      throw new RiosError('API_TIMEOUT', `${name} is not there yet: ${describeState(view)}`, {
        hint: `It goes on without you: rios deployment status ${name}.`,
        details: { state: view.state, reason: view.reason },
      });
    }
    const text = `${name}: ${describeState(view)}`;
    if (text !== said) progress.update(text);
    said = text;
    await delay(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
