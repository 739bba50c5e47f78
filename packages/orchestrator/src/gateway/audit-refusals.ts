import type { AnyRoute } from '@rios/sdk/api/route';
import type { Clock } from '@rios/sdk/clock';
import { toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { appendAudit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import { AUDITED_ROUTES, auditActionOf } from './audited-routes.ts';
import type { Caller, Endpoint, ServiceEndpoints } from './endpoint.ts';

/** Notes in the audit log that a call which would have changed what all share came to nothing, and why. */
export type NoteRefusal = (
  route: Pick<AnyRoute, 'name'>,
  caller: Caller,
  error: unknown,
  subject?: string,
) => Promise<void>;

/** @returns a function that never throws: the caller is told the refusal, not that it could not be noted */
export function createNoteRefusal({
  store,
  clock,
  log,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}): NoteRefusal {
  return async ({ name }, caller, error, subject = '') => {
    const action = auditActionOf(name);
    if (action === undefined) return;
    const fact = {
      at: clock.now(),
      actor: caller.actorId ?? caller.accountId,
      action,
      subject,
      details: { outcome: toRiosError(error).code },
    };
    await store
      .transaction()
      .execute((tx) => appendAudit(tx, fact))
      .catch((failure: unknown) =>
        log.error('a refusal was not audited', { action, error: String(failure) }),
      );
  };
}

/** The same endpoints; those that are audited tell `note` when they fail. */
export function auditRefusals(endpoints: ServiceEndpoints, note: NoteRefusal): ServiceEndpoints {
  const wrapped = Object.keys(AUDITED_ROUTES).map((name) => {
    const endpoint = endpoints[name as keyof ServiceEndpoints] as Endpoint<AnyRoute>;
    const audited: Endpoint<AnyRoute> = async (call) => {
      try {
        return await endpoint(call);
      } catch (error) {
        const { name: byName, id } = call.params as { name?: string; id?: string };
        await note({ name }, call.caller, error, byName ?? id);
        throw error;
      }
    };
    return [name, audited];
  });
  return { ...endpoints, ...Object.fromEntries(wrapped) };
}
