import { parseRpcUrl } from '@rios/sdk/config/connection';
import type { AuditReport } from '@rios/sdk/schema/settlement-results';
import type { Findings } from '@rios/sdk/settlement/findings';
import type { Publication } from '@rios/sdk/settlement/read-published';
import { type Progress, silentProgress } from '../../progress/progress.ts';
import { openReceipts } from './read-receipts.ts';
import { viewFile } from './view-verdict.ts';

export interface AuditWish {
  readonly epoch: number;
  readonly path: string;
  readonly rpcUrl: string;
  /** Names the chain and the contract; else the file does. */
  readonly chainFile: string | undefined;
  readonly fromBlock: number;
  /** Files of earlier epochs, in which no ticket of this one may be paid for. */
  readonly earlier: readonly string[];
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
}

/** Longest that one call to an RPC may take. */
const CALL_MS = 10_000;

/**
 * Compares a public file of receipts with the chain. Reads nothing else.
 * @throws RiosError NOT_FOUND_FILE, USER_INVALID_REQUEST, CHAIN_*
 */
export async function audit(wish: AuditWish, progress: Progress): Promise<AuditReport> {
  const { epoch, fromBlock, timeoutMs = CALL_MS, signal } = wish;
  const rpcUrl = parseRpcUrl(wish.rpcUrl);
  const { auditEpoch } = await import('@rios/sdk/settlement/audit-epoch');
  const trusted = await readTrusted(wish.chainFile);
  const { chunks, onRead } = await openReceipts(wish.path, progress);
  const result = await auditEpoch(chunks, {
    epoch,
    rpcUrl,
    trusted,
    fromBlock,
    timeoutMs: Math.min(timeoutMs, CALL_MS),
    signal,
    onRead,
  });
  const { file, chain } = result;
  const doubles = file.computed === undefined ? [] : await readDoubles(wish, progress);
  const findings = [...result.findings, ...doubles.flatMap(({ list }) => list)];
  const findingsCount = doubles.reduce((sum, { count }) => sum + count, result.findingsCount);
  return {
    epoch,
    equal: findingsCount === 0,
    file: viewFile(file),
    chain:
      chain === undefined
        ? null
        : { blockNumber: chain.blockNumber, publications: chain.publications.map(viewOf) },
    findings,
    findingsCount,
  };
}

async function readDoubles({ path, earlier, signal }: AuditWish, progress: Progress) {
  const { findDoubles } = await import('@rios/sdk/settlement/find-doubles');
  const found: Findings[] = [];
  for (const other of earlier) {
    const { chunks } = await openReceipts(path, silentProgress);
    found.push(await findDoubles(chunks, (await openReceipts(other, progress)).chunks, signal));
  }
  return found;
}

async function readTrusted(chainFile: string | undefined) {
  if (chainFile === undefined) return undefined;
  const { readChainFile } = await import('@rios/sdk/chain/chain-file');
  const { chainId, addresses } = await readChainFile(chainFile);
  return { chainId, rewards: addresses.rewards };
}

const viewOf = ({ state, root, receiptsRoot, totalWei, readyAt, ...at }: Publication) => ({
  state,
  root,
  receiptsRoot,
  totalWei: String(totalWei),
  readyAt: readyAt * 1000,
  blockNumber: at.blockNumber,
  transaction: at.transactionHash,
});
