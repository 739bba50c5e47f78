import { randomBytes } from 'node:crypto';
import { systemClock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { createSecretBox } from '../auth/secret-box.ts';
import { rotateSigningKey } from '../auth/signing-keys.ts';
import { appendAudit } from '../store/audit.ts';
import { withPremises } from './open-premises.ts';
import type { Printer } from './print.ts';
import { readOptions } from './read-options.ts';
import { rotateMasterKey } from './rotate-master-key.ts';

const FLAGS = { signing: { type: 'boolean' }, 'drop-old': { type: 'boolean' } } as const;

export const ROTATE_KEY_USAGE = `usage: rios-orchestrator rotate-key [options]

  --data-dir <dir>     the orchestrator's; it may run or not
  --drop-old           make no new key: remove the old ones, once nothing is sealed under them
  --signing            a new key for access tokens instead of a new master key
  --master-key <kind>  file or keychain, as at its start

DATABASE_URL and RIOS_MASTER_KEY_FILE are read as at its start.
`;

/** The command `rotate-key`: prints one event, `rotated`. @throws RiosError as the rotations do */
export async function rotateKeyCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { print, progress }: Printer,
): Promise<void> {
  const { premises, values } = readOptions(args, env, FLAGS);
  const { signing = false, 'drop-old': dropOld = false } = values;
  if (signing && dropOld) {
    throw new RiosError('USER_INVALID_REQUEST', '--signing and --drop-old do not go together', {
      hint: 'Old signing keys are forgotten by themselves.',
    });
  }
  await withPremises(premises, async ({ store, place, load }) => {
    if (signing) {
      const modules = { store, clock: systemClock, random: randomBytes, secrets: createSecretBox(load) };
      print({ event: 'rotated', kind: 'signing', ...(await rotateSigningKey(modules)) });
      return;
    }
    const onProgress = (done: number, total: number) => progress('Sealing secrets anew', done, total);
    const rotation = await rotateMasterKey({ store, place, dropOld, onProgress });
    await store.transaction().execute(async (tx) => {
      const subject = rotation.keyId;
      await appendAudit(tx, { at: systemClock.now(), actor: '', action: 'master-key.rotated', subject });
    });
    print({ event: 'rotated', kind: 'master', place: place.kind, ...rotation });
  });
}
