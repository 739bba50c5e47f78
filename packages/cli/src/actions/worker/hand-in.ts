import type { Client } from '@rios/sdk/api/client';
import { hasCode, toRiosError } from '@rios/sdk/errors/error';
import type { Told } from '@rios/sdk/schema/stake-results';
import type { Signed } from '@rios/sdk/schema/trust';

/** An orchestrator that does not take it now gets it from the worker's next hello; a refusal is a refusal. */
const LATER = [
  'NOT_FOUND_WORKER',
  'CHAIN_ABSENT',
  'API_UNREACHABLE',
  'API_TIMEOUT',
  'AUTH_REQUIRED',
] as const;

/** Tells the orchestrator of a binding at once. @throws RiosError AUTH_BINDING, INTEGRITY_SIGNATURE, API_REMOTE */
export async function handInBinding(
  client: () => Promise<Client>,
  { worker, binding }: { readonly worker: string; readonly binding: Signed },
): Promise<Told> {
  try {
    await (await client()).bindWorker({ params: { id: worker }, body: { binding } });
    return { isKnown: true, reason: null };
  } catch (error) {
    if (!LATER.some((code) => hasCode(error, code))) throw error;
    return { isKnown: false, reason: toRiosError(error).message };
  }
}
