import { RiosError } from '../errors/error.ts';
import { type Receipt, receiptSchema, type Signed } from '../schema/trust.ts';
import type { Identity } from './identity.ts';
import { publicKeyOf } from './peer-id.ts';
import { openSigned, sign } from './signed.ts';

/** Signs a worker's receipt with its identity. */
export function signReceipt(identity: Identity, receipt: Receipt): Signed {
  return sign('receipt', receipt, identity.privateKey);
}

/** Checks that `workerPeerId` signed it and that it speaks of that worker. Throws INTEGRITY_SIGNATURE. */
export function verifyReceipt(signed: Signed, workerPeerId: string): Receipt {
  const receipt = openSigned('receipt', signed, publicKeyOf(workerPeerId), receiptSchema);
  if (receipt.worker !== workerPeerId)
    throw new RiosError('INTEGRITY_SIGNATURE', 'the receipt names another worker than its signer');
  return receipt;
}
