import type { Handlers } from '@rios/sdk/wire/link';
import { Method } from '@rios/sdk/wire/methods';
import type { ServeContext } from './context.ts';
import { createExpertsHandler } from './experts.ts';
import { createExpertsOpenHandler } from './experts-open.ts';
import { createGenerateHandler } from './generate.ts';
import { createHiddenHandler } from './hidden.ts';
import { createSessionCloseHandler } from './session-close.ts';
import { createSessionFailedHandler } from './session-failed.ts';
import { createSessionOpenHandler } from './session-open.ts';
import { createSessionReceiptsHandler } from './session-receipts.ts';

/** Everything that a worker answers on /rios/data/1. */
export function createDataHandlers(context: ServeContext): Handlers {
  return {
    [Method.generate]: createGenerateHandler(context),
    [Method.sessionOpen]: createSessionOpenHandler(context),
    [Method.sessionClose]: createSessionCloseHandler(context),
    [Method.hidden]: createHiddenHandler(context),
    [Method.sessionReceipts]: createSessionReceiptsHandler(context),
    [Method.sessionFailed]: createSessionFailedHandler(context),
    [Method.expertsOpen]: createExpertsOpenHandler(context),
    [Method.experts]: createExpertsHandler(context),
  };
}
