import { openChain } from '../chain/open-chain.ts';
import { type CheckOptions, checkReceiptsFile, type FileVerdict } from './check-receipts-file.ts';
import { compareEpoch } from './compare-epoch.ts';
import { createFindings, type Finding, type Findings } from './findings.ts';
import { type PublishedEpochs, readPublished } from './read-published.ts';

export interface AuditOptions extends CheckOptions {
  readonly epoch: number;
  readonly rpcUrl: string;
  /** What the file must name, where it is known from elsewhere. */
  readonly trusted?: { readonly chainId: number; readonly rewards: string } | undefined;
  /** First block that is asked for events; 0 when left out. */
  readonly fromBlock?: number | undefined;
  /** For each call to the RPC. */
  readonly timeoutMs?: number | undefined;
}

export interface EpochAudit {
  /** Nothing was found that is not as it should be. */
  readonly equal: boolean;
  readonly file: FileVerdict;
  /** Undefined when the file gave nothing to compare. */
  readonly chain: PublishedEpochs | undefined;
  /** The first ones. */
  readonly findings: readonly Finding[];
  readonly findingsCount: number;
}

/**
 * Computes an epoch anew from its public file, and compares it with what was published on the chain. Needs nothing
 * else: no account, no orchestrator, no earlier file.
 * @throws RiosError CHAIN_* when the RPC cannot be asked or believed; whatever is wrong with the file is a finding
 */
export async function auditEpoch(
  chunks: AsyncIterable<Uint8Array>,
  options: AuditOptions,
): Promise<EpochAudit> {
  const file = await checkReceiptsFile(chunks, options);
  const findings = createFindings();
  const chain = await compareWithChain(file, options, findings);
  const all = [...file.findings, ...findings.list];
  const findingsCount = file.findingsCount + findings.count;
  return { equal: findingsCount === 0, file, chain, findings: all, findingsCount };
}

async function compareWithChain(
  { header, computed }: FileVerdict,
  { epoch, rpcUrl, trusted, fromBlock = 0, timeoutMs }: AuditOptions,
  findings: Findings,
): Promise<PublishedEpochs | undefined> {
  if (header === undefined || computed === undefined) return undefined;
  const { rewards, chainId } = trusted ?? header;
  findings.compare('epoch', 'the file is of another epoch', { expected: epoch, actual: header.epoch });
  findings.compare('contract', 'the file is of another chain', { expected: chainId, actual: header.chainId });
  const values = { expected: rewards.toLowerCase(), actual: header.rewards };
  findings.compare('contract', 'the file is of another contract', values);
  const chain = await openChain({
    rpcUrl,
    chainId,
    confirmations: 0,
    isDevChain: false,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  try {
    const published = await readPublished(chain, { rewards, epoch, fromBlock });
    compareEpoch({ header, computed }, published, findings);
    return published;
  } finally {
    chain.close();
  }
}
