import type { GeneratedPart } from '@rios/sdk/schema/inference';
import type { Signed } from '@rios/sdk/schema/trust';
import type { BilledTicket } from '../billing/billed-request.ts';
import { openReceipt, readClaim, type SignedReceipt } from './open-receipt.ts';

/** What came of all receipts that one attempt to answer brought. */
export interface CollectedReceipts {
  /**
   * For `chargeRequest`: the final ones in their order, then for each ticket that has none the newest interim one. Their
   * signatures hold; whether they are within their tickets is the bill's to say.
   */
  readonly verified: readonly SignedReceipt[];
  /** Why others were left out, each reason once. */
  readonly refused: readonly string[];
}

/** Gathers the receipts of one attempt to answer. */
export interface ReceiptCollector {
  /**
   * Takes interim receipts out of a part. Returns what is left for the client, undefined when that is nothing.
   * @param now by a clock that is never set, ms
   */
  take(part: GeneratedPart, now: number): GeneratedPart | undefined;
  /** The end of the attempt: with the last frame's receipts, or with none when it failed. */
  close(final: readonly Signed[]): CollectedReceipts;
}

/** Honest first stages send a set of receipts no more often than this. */
const SET_EVERY_MS = 200;
/** Sets that may come at once, for clocks that differ and networks that hold parts back. */
const SETS_AT_ONCE = 8;

/**
 * Verifies interim receipts as they come, and keeps for each ticket the one with the most units. What a hostile first
 * stage can make it verify is bounded by tickets and time. Pure: time is given.
 */
export function createReceiptCollector(
  tickets: readonly Pick<BilledTicket, 'nonce' | 'worker'>[],
  startedAt: number,
): ReceiptCollector {
  const workers = new Map(tickets.map(({ nonce, worker }) => [nonce, worker]));
  const newest = new Map<string, SignedReceipt>();
  const refused = new Set<string>();
  let checked = 0;
  const allowed = (now: number) => tickets.length * (SETS_AT_ONCE + (now - startedAt) / SET_EVERY_MS);
  const keep = (signed: Signed) => {
    const claim = readClaim(signed);
    if (claim === undefined || workers.get(claim.ticketNonce) !== claim.worker) {
      refused.add('an interim receipt is for no ticket of the request');
      return;
    }
    const opened = openReceipt(signed, claim);
    if (opened === undefined) {
      refused.add('an interim receipt was not signed by its worker');
      return;
    }
    const known = newest.get(opened.receipt.ticketNonce);
    if (known === undefined || known.receipt.units < opened.receipt.units)
      newest.set(opened.receipt.ticketNonce, opened);
  };
  return {
    take({ receipts = [], ...part }, now) {
      for (const signed of receipts) {
        if (++checked > allowed(now)) {
          refused.add('more interim receipts came than are read');
          break;
        }
        keep(signed);
      }
      return isEmpty(part) ? undefined : part;
    },
    close(final) {
      const opened = openFinal(final.slice(0, tickets.length * SETS_AT_ONCE), refused);
      if (final.length > tickets.length * SETS_AT_ONCE) refused.add('more receipts came than are read');
      const own = opened.filter(({ receipt }) => workers.get(receipt.ticketNonce) === receipt.worker);
      const answered = new Set(own.map(({ receipt }) => receipt.ticketNonce));
      const rest = [...newest].filter(([nonce]) => !answered.has(nonce)).map(([, interim]) => interim);
      return { verified: [...opened, ...rest], refused: [...refused] };
    },
  };
}

const isEmpty = ({ ids, text, logprobs, prompt }: GeneratedPart): boolean =>
  ids.length === 0 && text === '' && logprobs === undefined && prompt !== true;

function openFinal(final: readonly Signed[], refused: Set<string>): SignedReceipt[] {
  return final.flatMap((signed) => {
    const claim = readClaim(signed);
    const opened = claim === undefined ? undefined : openReceipt(signed, claim);
    if (opened === undefined) refused.add('a receipt was not signed by the worker that it names');
    return opened ?? [];
  });
}
