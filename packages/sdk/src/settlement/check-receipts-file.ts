import { createHash } from 'node:crypto';
import { hasCode } from '../errors/error.ts';
import { type ComputedEpoch, createFileLines } from './check-file-lines.ts';
import { createFindings, type Finding } from './findings.ts';
import { readLines } from './read-lines.ts';
import { type HeaderLine, MAX_FILE_BYTES, MAX_LINE_BYTES } from './receipts-format.ts';

/** What a receipts file says about itself, and whether that is so. */
export interface FileVerdict {
  /** Undefined when not even its first line could be read. */
  readonly header: HeaderLine | undefined;
  /** Undefined when it could not be read to its end. */
  readonly computed: ComputedEpoch | undefined;
  /** Of what was read of it. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The first ones. */
  readonly findings: readonly Finding[];
  readonly findingsCount: number;
}

export interface CheckOptions {
  /** 8 GiB when left out. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each chunk. */
  readonly onRead?: ((sizeBytes: number) => void) | undefined;
}

/**
 * Reads a receipts file once, from any source, and computes everything it states anew: signatures, charges, sums and
 * both roots. Nothing of it is believed; memory grows with its payees alone.
 * @throws RiosError USER_INTERRUPTED (signal), and what the source throws
 */
export async function checkReceiptsFile(
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes = MAX_FILE_BYTES, signal, onRead }: CheckOptions = {},
): Promise<FileVerdict> {
  const findings = createFindings();
  const lines = createFileLines(findings);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  async function* hashed() {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
      onRead?.(sizeBytes);
    }
  }
  const read = async (): Promise<ComputedEpoch | undefined> => {
    for await (const line of readLines(hashed(), { maxLineBytes: MAX_LINE_BYTES, maxBytes })) {
      lines.take(line);
      if (findings.isTooMuch) return undefined;
    }
    return lines.end();
  };
  const computed = await read().catch((error: unknown) => {
    if (!hasCode(error, 'INTEGRITY_RECEIPTS')) throw error;
    const at = Number(error.details?.line ?? lines.count);
    findings.add('form', error.message, { line: Math.max(1, at) });
    return undefined;
  });
  const { list, count } = findings;
  const sha256 = hash.digest('hex');
  return { header: lines.header, computed, sha256, sizeBytes, findings: list, findingsCount: count };
}
