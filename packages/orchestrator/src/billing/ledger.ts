import type { Clock } from '@rios/sdk/clock';
import type { ChargeSplit, Ledger } from './ledger-types.ts';

export interface LedgerModules {
  readonly clock: Pick<Clock, 'now'>;
  /** Who gets how much of a charge. */
  readonly splitCharge: (amountWei: bigint) => ChargeSplit;
}

export type CreateLedger = (modules: LedgerModules) => Ledger;
