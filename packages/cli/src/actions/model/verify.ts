import { stat } from 'node:fs/promises';
import { RiosError } from '@rios/sdk/errors/error';
import type { VerifyReport } from '@rios/sdk/schema/cli-results';
import type { ChildEvent } from '../../launch.ts';
import type { Progress } from '../../progress/progress.ts';
import { runToEnd } from '../foreground.ts';

function readReport(event: ChildEvent): VerifyReport {
  const { maxAbs, tolerance, positions, numericClass, ok } = event;
  return {
    maxAbs: Number(maxAbs),
    tolerance: Number(tolerance),
    positions: Number(positions),
    numericClass: String(numericClass),
    ok: ok === true,
  };
}

/**
 * Hashes every file of a bundle and re-runs its golden vectors through the real engine, in a worker process.
 * @throws RiosError INTEGRITY_HASH, INTEGRITY_PARITY, MODEL_BUNDLE_INVALID
 */
export async function verifyModel(
  options: { readonly bundle: string; readonly signal: AbortSignal },
  progress: Progress,
): Promise<VerifyReport> {
  await stat(options.bundle);
  progress.step(`Verifying ${options.bundle}`);
  let report: VerifyReport | undefined;
  const ran = runToEnd('worker', ['verify', options.bundle, '--json'], {
    signal: options.signal,
    onEvent: (event) => {
      if (event.event === 'verified') report = readReport(event);
    },
  });
  const failure = await ran.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (report?.ok === false) {
    throw new RiosError(
      'INTEGRITY_PARITY',
      `the largest error ${report.maxAbs} is over ${report.tolerance}`,
      {
        details: { ...report },
      },
    );
  }
  if (failure !== undefined) throw failure;
  if (report === undefined) throw new RiosError('BUG_UNEXPECTED', 'rios-worker verify said nothing');
  progress.stop();
  return report;
}
