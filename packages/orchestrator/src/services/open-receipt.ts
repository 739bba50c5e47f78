import { fromBase64url } from '@rios/sdk/crypto/hash';
import { verifyReceipt } from '@rios/sdk/crypto/receipt';
import { hasCode } from '@rios/sdk/errors/error';
import { type Receipt, receiptSchema, type Signed } from '@rios/sdk/schema/trust';

/** A receipt, and the envelope whose signature by `receipt.worker` holds. */
export interface SignedReceipt {
  readonly receipt: Receipt;
  readonly signed: Signed;
}

/** Whose receipt an envelope claims to be, and for which ticket: not verified yet, it only says which key to try. */
export interface ReceiptClaim {
  readonly worker: string;
  readonly ticketNonce: string;
}

const claimSchema = receiptSchema.pick({ worker: true, ticketNonce: true }).loose();

/** Undefined when it claims nothing. Costs one parse of at most 256 KiB. */
export function readClaim({ payload }: Signed): ReceiptClaim | undefined {
  try {
    const { worker, ticketNonce } = claimSchema.parse(
      JSON.parse(Buffer.from(fromBase64url(payload)).toString()),
    );
    return { worker, ticketNonce };
  } catch {
    return undefined; // no JSON, or not a receipt's
  }
}

/** Verifies the envelope under the key of the worker that it claims; undefined when it does not hold. */
export function openReceipt(signed: Signed, { worker }: ReceiptClaim): SignedReceipt | undefined {
  try {
    return { receipt: verifyReceipt(signed, worker), signed };
  } catch (error) {
    if (hasCode(error, 'INTEGRITY_SIGNATURE') || hasCode(error, 'USER_INVALID_REQUEST')) return undefined;
    throw error;
  }
}
