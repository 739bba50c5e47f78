import type { ChargeSplit } from '@rios/sdk/billing/price-usage';
import type { Clock } from '@rios/sdk/clock';
import { listTransferRows, readBalance, takeTurn } from '../store/ledger.ts';
import { endEntries, endHold, readHold, releaseHold, reserveEntries, reserveKey } from './holds.ts';
import type { Ledger } from './ledger-types.ts';
import { postTransfer } from './post-transfer.ts';
import { decodeTransfer } from './transfer-json.ts';

export interface LedgerModules {
  readonly clock: Pick<Clock, 'now'>;
  /** Who gets how much of a charge. Pure: the same charge is always split in the same way. */
  readonly splitCharge: (amountWei: bigint) => ChargeSplit;
}

/** Most transfers that are listed at once. */
const MAX_PAGE = 10_000;

/** The accounts by double entry, over the tables that migration 090 guards. */
export function createLedger({ clock, splitCharge }: LedgerModules): Ledger {
  return {
    post: async (tx, transfer) => {
      await takeTurn(tx);
      return postTransfer(tx, transfer);
    },
    balanceOf: readBalance,
    listTransfers: async (store, { account, after = 0, limit }) => {
      const rows = await listTransferRows(store, { account, after, limit: Math.min(limit, MAX_PAGE) });
      return rows.map(decodeTransfer);
    },
    reserve: async (tx, reservation) => {
      await takeTurn(tx);
      return postTransfer(tx, {
        key: reserveKey(reservation.requestId),
        kind: 'reserve',
        at: clock.now(),
        entries: reserveEntries(reservation),
        ref: reservation.requestId,
      });
    },
    capture: async (tx, { requestId, charges }) => {
      await takeTurn(tx);
      const hold = await readHold(tx, requestId);
      const entries = endEntries(hold, charges, splitCharge);
      return endHold(tx, hold, { kind: 'capture', at: clock.now(), entries, charges });
    },
    release: async (tx, requestId) => {
      await takeTurn(tx);
      return releaseHold(tx, await readHold(tx, requestId), clock.now());
    },
  };
}
