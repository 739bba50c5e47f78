import { RiosError } from '../errors/error.ts';
import { type ContainerReceipt, containerReceiptSchema } from '../schema/container.ts';
import type { Signed } from '../schema/trust.ts';
import type { Identity } from './identity.ts';
import { publicKeyOf } from './peer-id.ts';
import { openSigned, sign } from './signed.ts';

/** Signs a worker's count of one container's time with its identity. */
export function signContainerReceipt(identity: Identity, receipt: ContainerReceipt): Signed {
  return sign('containerReceipt', receipt, identity.privateKey);
}

/** Checks that `workerPeerId` signed it and that it speaks of that worker. Throws INTEGRITY_SIGNATURE. */
export function verifyContainerReceipt(signed: Signed, workerPeerId: string): ContainerReceipt {
  const receipt = openSigned('containerReceipt', signed, publicKeyOf(workerPeerId), containerReceiptSchema);
  if (receipt.worker !== workerPeerId)
    throw new RiosError('INTEGRITY_SIGNATURE', 'the receipt names another worker than its signer');
  return receipt;
}
