import type { WorkerView } from '@rios/sdk/schema/api';

/**
 * What the routes about workers need of the registry. Throws NOT_FOUND_WORKER for an unknown id. `by`: account of who
 * asks, for the audit log.
 */
export interface Workers {
  /** Every member that ever said hello, in a stable order. */
  list(): Promise<WorkerView[]>;
  /** By peer id, or by name when one worker alone has it. */
  get(idOrName: string): Promise<WorkerView>;
  /** Wishes the parts off the worker; it leaves when it holds none. */
  drain(idOrName: string, by: string): Promise<WorkerView>;
  /** Expels the worker: its connection is closed, and it needs a new invite to come back. */
  remove(id: string, by: string): Promise<void>;
}
