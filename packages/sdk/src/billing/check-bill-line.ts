import { verifyReceipt } from '../crypto/receipt.ts';
import { hasCode } from '../errors/error.ts';
import type { BillLine } from '../schema/billing.ts';
import type { Receipt, Signed } from '../schema/trust.ts';
import { unfairness } from '../settlement/fair-charge.ts';
import { faultOfContainerLine, isContainerKind } from './container-lines.ts';

/**
 * Why a line of a bill cannot be right by what its worker signed; undefined when it can. A charge needs a receipt of
 * its own request, ticket and worker, and is for no more units than that counts, at the price that it names. Asks
 * nobody: whoever sends the line may be a liar.
 * @param signed the receipt for the line's ticket; undefined when there is none
 */
export function faultOfLine(line: BillLine, signed: Signed | undefined): string | undefined {
  if (isContainerKind(line.kind)) return faultOfContainerLine({ ...line, kind: line.kind }, signed);
  if (line.kind !== 'charge') {
    return BigInt(line.amountWei) === 0n ? undefined : 'a line that was refused costs something';
  }
  if (signed === undefined) return 'there is no receipt for it';
  const receipt = open(signed, line.worker);
  if (receipt === undefined) return 'its worker has not signed the receipt';
  if (receipt.ticketNonce !== line.receiptNonce) return 'the receipt is for another ticket';
  if (receipt.requestId !== line.requestId) return 'the receipt is for another request';
  return unfairness(
    {
      units: line.units,
      priceWei: BigInt(line.priceWei),
      amountWei: BigInt(line.amountWei),
      workerWei: BigInt(line.workerWei),
      platformWei: BigInt(line.platformWei),
    },
    receipt,
    line.feeBps,
  );
}

function open(signed: Signed, worker: string): Receipt | undefined {
  try {
    return verifyReceipt(signed, worker);
  } catch (error) {
    if (hasCode(error, 'INTEGRITY_SIGNATURE') || hasCode(error, 'USER_INVALID_REQUEST')) return undefined;
    throw error;
  }
}
