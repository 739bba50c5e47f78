import { seal } from '@rios/sdk/crypto/seal';
import type { Log } from '@rios/sdk/log';
import type { SecretBox } from '../auth/secret-box.ts';
import { findAppSecret } from '../store/app-secrets.ts';
import { SEALED_COLUMNS, sealedContext } from '../store/sealed-columns.ts';
import type { Store } from '../store/store.ts';
import type { SealEnvironment } from './next-wishes.ts';

export interface SealModules {
  readonly box: Pick<SecretBox, 'open'>;
  readonly log: Log;
}

/**
 * Variables and secrets of a container as `{name: value}`, sealed to its worker; a secret wins over a variable of the
 * same name. A secret that is no more is left out. Reads in `tx`.
 * @throws RiosError INTEGRITY_SECRET, INTEGRITY_SEAL
 */
export const createEnvironmentSealer =
  ({ box, log }: SealModules, tx: Store): SealEnvironment =>
  async ({ accountId, spec, sealingKey, replicaId }) => {
    const env: Record<string, string> = { ...spec.env };
    for (const [variable, name] of Object.entries(spec.secrets)) {
      const row = await findAppSecret(tx, accountId, name);
      if (row === undefined) {
        log.warn('a container starts without a secret that is no more', { replicaId, name });
        continue;
      }
      env[variable] = await box.open(row.value_envelope, sealedContext(SEALED_COLUMNS.appSecret, row.id));
    }
    return seal(sealingKey, Buffer.from(JSON.stringify(env)), replicaId);
  };

/** Whether anything can be sealed to this key: a hello may bring any bytes as one. */
export function createKeyCheck(): (sealingKey: string) => boolean {
  const known = new Map<string, boolean>();
  return (sealingKey) => {
    const before = known.get(sealingKey);
    if (before !== undefined) return before;
    if (known.size >= MAX_KEYS) known.clear();
    const isGood = isSealingKey(sealingKey);
    known.set(sealingKey, isGood);
    return isGood;
  };
}

const MAX_KEYS = 4096;

function isSealingKey(key: string): boolean {
  try {
    seal(key, new Uint8Array(0), 'check');
    return true;
  } catch {
    return false;
  }
}
