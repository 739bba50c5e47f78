import type { TransactionCall } from '@rios/sdk/chain/transaction';

/** The call with the worker in its description: what is sent for one worker is never taken for another's. */
export const forWorker = (call: TransactionCall, worker: string): TransactionCall => ({
  ...call,
  what: `${call.what} (${worker})`,
});
