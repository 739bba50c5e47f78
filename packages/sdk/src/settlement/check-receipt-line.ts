import { verifyReceipt } from '../crypto/receipt.ts';
import { hasCode } from '../errors/error.ts';
import type { Receipt } from '../schema/trust.ts';
import { amountsOf } from './epoch.ts';
import { unfairness } from './fair-charge.ts';
import type { FindingKind } from './findings.ts';
import type { HeaderLine, ReceiptLine } from './receipts-format.ts';

/** What is wrong with one receipt. */
export interface ReceiptFault {
  readonly kind: FindingKind;
  readonly message: string;
}

/** Checks one receipt by itself: its signature, that it speaks of this ticket and network, and its charge. Pure. */
export function faultOf(
  line: ReceiptLine,
  { networkId, feeBps }: Pick<HeaderLine, 'networkId' | 'feeBps'>,
): ReceiptFault | undefined {
  const receipt = open(line);
  if (receipt === undefined)
    return { kind: 'signature', message: `${line.worker} has not signed this receipt` };
  if (receipt.ticketNonce !== line.ticket)
    return { kind: 'signature', message: 'the receipt is for another ticket' };
  if (receipt.networkId !== networkId)
    return { kind: 'signature', message: 'the receipt is of another network' };
  const problem = unfairness(amountsOf(line), receipt, feeBps);
  return problem === undefined ? undefined : { kind: 'charge', message: problem };
}

function open({ worker, payload, signature }: ReceiptLine): Receipt | undefined {
  try {
    return verifyReceipt({ payload, signature }, worker);
  } catch (error) {
    if (hasCode(error, 'INTEGRITY_SIGNATURE') || hasCode(error, 'USER_INVALID_REQUEST')) return undefined;
    throw error;
  }
}
