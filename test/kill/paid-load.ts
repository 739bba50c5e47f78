import { type Client, createClient } from '@rios/sdk/api/client';
import { hasCode } from '@rios/sdk/errors/error';
import type { ReferenceCase } from '../support/tiny-moe.ts';
import type { BillingWorld } from './billing-world.ts';
import type { Seen } from './seen.ts';

/** What every client of a drill of the accounts is given. */
export interface PaidLoad {
  readonly world: BillingWorld;
  readonly reference: ReferenceCase;
  readonly seen: Seen;
  /** Ends the load; what is under way is finished. */
  readonly signal: AbortSignal;
}

const PAUSE_MS = 50;

/** Does `once` again and again until the load ends; an error that need not pass by itself is noted as wrong. */
export async function repeatPaid(
  { signal, seen }: PaidLoad,
  name: string,
  once: (turn: number) => Promise<void>,
): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    try {
      await once(turn);
    } catch (error) {
      if (!isPassing(error)) seen.wrong.push(`${name}: ${wordsOf(error)}`);
      await pass(PAUSE_MS);
    }
  }
}

/** Until workers are back after a death: who asks before that makes the planner think that one of them is gone. */
export async function whenServing({ world, signal }: PaidLoad): Promise<void> {
  while (!signal.aborted && !(await world.isReady().catch(() => false))) await pass(PAUSE_MS);
}

/** What a dead, dying or starting orchestrator leaves, and what the next deposit, voucher or request ends. */
const PASSING = ['API_REMOTE', 'QUOTA_BALANCE', 'BILLING_VOUCHER_DUE', 'SETTLEMENT_NOTHING'] as const;
const isPassing = (error: unknown): boolean =>
  (hasCode(error) && (error as { retryable?: boolean }).retryable === true) ||
  PASSING.some((code) => hasCode(error, code));

const wordsOf = (error: unknown): string =>
  hasCode(error) ? `${error.code} ${String(error)} ${JSON.stringify(error.details)}` : String(error);

/** A client of its own connections. */
export const clientOf = ({ world: { orchestrator } }: PaidLoad): Client =>
  createClient({ apiUrl: orchestrator.apiUrl, token: orchestrator.token });

/** Load needs time to pass. */
export const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
