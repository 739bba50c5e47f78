import { type KeyRotation, keyRotationSchema } from '@rios/sdk/schema/cli-results';
import type { Progress } from '../../progress/progress.ts';
import { runUpkeep } from './upkeep.ts';

export interface RotateKeyOptions {
  readonly dataDir: string;
  readonly signing: boolean;
  readonly dropOld: boolean;
  readonly masterKey: string | undefined;
  readonly signal: AbortSignal;
}

/** Rotates the master key, or the signing key, of the orchestrator of a data directory. */
export function rotateKey(options: RotateKeyOptions, progress: Progress): Promise<KeyRotation> {
  const { dataDir, signing, dropOld, masterKey, signal } = options;
  const args = [
    'rotate-key',
    `--data-dir=${dataDir}`,
    ...(signing ? ['--signing'] : []),
    ...(dropOld ? ['--drop-old'] : []),
    ...(masterKey === undefined ? [] : [`--master-key=${masterKey}`]),
  ];
  return runUpkeep({ args, result: 'rotated', signal }, keyRotationSchema, progress);
}

/** For people. */
export function describeRotation(rotation: KeyRotation): string {
  if (rotation.kind === 'signing') {
    return `signing key ${rotation.kid}; ${rotation.trusted} older trusted until their tokens expire`;
  }
  const count = rotation.sealed.reduce((sum, column) => sum + column.count, 0);
  const kept = rotation.keys === 1 ? 'the only one' : `${rotation.keys - 1} older kept`;
  return `master key ${rotation.keyId}, ${kept}; ${count} secrets sealed anew`;
}
