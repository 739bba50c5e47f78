import type { Client } from '@rios/sdk/api/client';
import { faultOfLine } from '@rios/sdk/billing/check-bill-line';
import { isContainerKind } from '@rios/sdk/billing/container-lines';
import { verifyContainerReceipt } from '@rios/sdk/crypto/container-receipt';
import { verifyReceipt } from '@rios/sdk/crypto/receipt';
import { RiosError } from '@rios/sdk/errors/error';
import type { BillLine, RequestReceipts } from '@rios/sdk/schema/billing';
import type { LineCheck, ReceiptReport } from '@rios/sdk/schema/billing-results';
import type { Signed } from '@rios/sdk/schema/trust';

/**
 * Reads the signed receipts of a request and checks its bill by them here: the orchestrator's word counts for nothing.
 * @throws RiosError NOT_FOUND
 */
export async function showReceipts(
  client: Client,
  requestId: string,
  signal: AbortSignal,
): Promise<ReceiptReport> {
  const shown = await client.getReceipts({ params: { id: requestId }, signal });
  if (shown.requestId !== requestId) {
    throw new RiosError('API_REMOTE', 'the answer is about another request');
  }
  const checks = shown.lines.map((line) => checkOf(line, shown));
  const sum = shown.lines.reduce((wei, { amountWei }) => wei + BigInt(amountWei), 0n);
  const isSum = shown.bill === null ? sum === 0n : sum === BigInt(shown.bill.totalWei);
  return { ...shown, checks, ok: isSum && checks.every(({ ok }) => ok) };
}

function checkOf(line: BillLine, { receipts }: RequestReceipts): LineCheck {
  const signed = receipts.find((receipt) => isFor(receipt.signed, line))?.signed;
  const fault = faultOfLine(line, signed) ?? null;
  return { line: line.line, receiptNonce: line.receiptNonce, ok: fault === null, fault };
}

/** By what its worker signed, not by what the server says of it. */
function isFor(signed: Signed, { worker, receiptNonce, kind }: BillLine): boolean {
  try {
    if (isContainerKind(kind)) return verifyContainerReceipt(signed, worker).ticketNonce === receiptNonce;
    return verifyReceipt(signed, worker).ticketNonce === receiptNonce;
  } catch {
    return false; // another worker's, or nobody's
  }
}
