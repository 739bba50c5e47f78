import { systemClock } from '@rios/sdk/clock';
import { NO_OUTSIDE_LOGINS, type OutsideLogins, openProviders } from '../auth/outside/open-providers.ts';
import { type Config, pathsOf } from '../config.ts';
import type { Queue } from '../queue/queue.ts';
import { openUsers } from '../services/users/open-users.ts';
import type { Users } from '../services/users/users.ts';
import type { Core } from './core.ts';

const clock = systemClock;

/** Accounts, logins and tokens, with the outside logins that the configuration names. */
export async function createUserService(
  config: Config,
  core: Core & { readonly queue: Queue; readonly publicUrl: () => string },
): Promise<Users> {
  const { smtpUrl, mailFrom, blobQuotaBytes, dataDir } = config;
  const paths = pathsOf(dataDir);
  const outside = await openOutside(config, core.publicUrl);
  return openUsers(
    { networkId: core.networkKey.networkId, blobQuotaBytes, mailDir: paths.mailDir, smtpUrl, mailFrom },
    {
      store: core.store,
      log: core.log,
      queue: core.queue,
      clock,
      loadMasterKeys: core.loadMasterKeys,
      outside,
    },
  );
}

/** The file is read at start, so that a mistake in it is told then. */
async function openOutside({ outsideLoginsFile }: Config, publicUrl: () => string): Promise<OutsideLogins> {
  if (outsideLoginsFile === undefined) return NO_OUTSIDE_LOGINS;
  const { readOutsideConfig } = await import('../auth/outside/outside-config.ts');
  return openProviders(await readOutsideConfig(outsideLoginsFile), publicUrl);
}
