import type { Clock } from '@rios/sdk/clock';
import { createSecretBox } from '../../src/auth/secret-box.ts';
import { createMasterKeys } from '../../src/crypto/master-keys.ts';
import { type AppSecrets, createAppSecrets } from '../../src/services/deployments/app-secrets.ts';
import type { Store } from '../../src/store/store.ts';

/** Secrets under a master key of the test. */
export function openAppSecrets(store: Store, clock: Pick<Clock, 'now'>): AppSecrets {
  const keys = createMasterKeys([Buffer.alloc(32, 7)]);
  return createAppSecrets({ store, clock, box: createSecretBox(async () => keys) });
}
