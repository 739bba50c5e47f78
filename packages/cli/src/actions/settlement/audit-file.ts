import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@rios/sdk/api/client';
import { RiosError } from '@rios/sdk/errors/error';
import type { AuditReport } from '@rios/sdk/schema/settlement-results';
import type { Progress } from '../../progress/progress.ts';
import { type AuditWish, audit } from './audit.ts';
import { fetchReceipts } from './fetch-receipts.ts';

export interface AuditFileWish extends Omit<AuditWish, 'path'> {
  /** The receipts; fetched for this audit alone when left out. */
  readonly file: string | undefined;
  readonly client: Pick<Client, 'getEpoch' | 'getEpochReceipts'> | undefined;
}

/** Audits a file that is there, or one of the orchestrator's. @throws RiosError as audit and fetchReceipts do */
export async function auditFile(
  { file, client, ...wish }: AuditFileWish,
  progress: Progress,
): Promise<AuditReport> {
  if (file !== undefined) return audit({ ...wish, path: file }, progress);
  if (client === undefined)
    throw new RiosError('USER_INVALID_REQUEST', 'there is no file, and nobody to ask');
  const { epoch, signal } = wish;
  const folder = await mkdtemp(join(tmpdir(), 'rios-audit-'));
  try {
    const out = join(folder, `epoch-${epoch}.receipts`);
    await fetchReceipts({ client, epoch, out, signal }, progress);
    return await audit({ ...wish, path: out }, progress);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
