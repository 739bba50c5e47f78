import type { FileView } from '@rios/sdk/schema/settlement-results';
import type { FileVerdict } from '@rios/sdk/settlement/check-receipts-file';

/** What a receipts file comes to, as it is printed. */
export function viewFile({ header, computed, sha256, sizeBytes }: FileVerdict): FileView {
  return {
    sha256: computed === undefined ? null : sha256,
    sizeBytes,
    networkId: header?.networkId ?? null,
    chainId: header?.chainId ?? null,
    rewards: header?.rewards ?? null,
    epoch: header?.epoch ?? null,
    payees: header?.payees ?? 0,
    receipts: header?.receipts ?? 0,
    computed: computed === undefined ? null : viewComputed(computed),
  };
}

const viewComputed = (computed: NonNullable<FileVerdict['computed']>) => ({
  root: computed.root,
  receiptsRoot: computed.receiptsRoot,
  totalWei: String(computed.totalWei),
  paidWei: String(computed.paidWei),
  earnedWei: String(computed.earnedWei),
  platformWei: String(computed.platformWei),
  carriedWei: String(computed.carriedWei),
});
