import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Home, resolveHome } from '@rios/sdk/config/home';

/** A home of its own in a temporary directory; `remove` takes it away. */
export async function temporaryHome(): Promise<{
  home: Home;
  directory: string;
  remove: () => Promise<void>;
}> {
  const directory = await mkdtemp(join(tmpdir(), 'rios-home-'));
  return {
    home: resolveHome({ RIOS_HOME: directory }),
    directory,
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
