import { type SplitReport, splitModel } from '@rios/sdk/model/split';
import type { Progress } from '../../progress/progress.ts';

export interface SplitOptions {
  readonly source: string;
  readonly out: string;
  readonly name?: string | undefined;
  readonly by: 'experts' | 'stages';
  readonly parts?: number | undefined;
  /** Replace an older bundle at `out`. */
  readonly overwrite?: boolean;
  readonly signal: AbortSignal;
}

const PHASES = { weights: 'Writing weights', golden: 'Computing golden vectors' } as const;

/** Splits a checkpoint into a bundle, telling bytes written and time left. */
export async function splitAction(options: SplitOptions, progress: Progress): Promise<SplitReport> {
  let phase = '';
  const report = await splitModel({
    source: options.source,
    out: options.out,
    by: options.by,
    signal: options.signal,
    overwrite: options.overwrite ?? false,
    onProgress: (now) => {
      if (now.phase !== phase) progress.step(PHASES[now.phase]);
      phase = now.phase;
      progress.bytes(now.doneBytes, now.totalBytes);
    },
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.parts === undefined ? {} : { parts: options.parts }),
  });
  progress.stop();
  return report;
}
