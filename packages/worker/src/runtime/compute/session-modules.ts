import type { Clock } from '@rios/sdk/clock';
import type { ModelText } from './model-text.ts';
import type { OpenParts } from './open-parts.ts';
import type { Ort } from './ort.ts';

/** What the sessions of a thread are made with. */
export interface SessionModules {
  readonly ort: Ort;
  readonly openParts: OpenParts;
  readonly text: (modelHash: string) => Promise<ModelText>;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
}
