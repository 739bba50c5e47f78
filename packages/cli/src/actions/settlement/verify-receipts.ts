import type { ReceiptsVerdict } from '@rios/sdk/schema/settlement-results';
import type { Progress } from '../../progress/progress.ts';
import { openReceipts } from './read-receipts.ts';
import { viewFile } from './view-verdict.ts';

export interface VerifyWish {
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Checks a public file of receipts by itself. @throws RiosError NOT_FOUND_FILE, USER_INVALID_REQUEST */
export async function verifyReceipts(
  { path, signal }: VerifyWish,
  progress: Progress,
): Promise<ReceiptsVerdict> {
  const { checkReceiptsFile } = await import('@rios/sdk/settlement/check-receipts-file');
  const { chunks, onRead } = await openReceipts(path, progress);
  const verdict = await checkReceiptsFile(chunks, { signal, onRead });
  const { findings, findingsCount } = verdict;
  return { ok: findingsCount === 0, file: viewFile(verdict), findings: [...findings], findingsCount };
}
