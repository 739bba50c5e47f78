// A process that changes the wallets of a home and is killed at one moment: die.ts <home> <add|remove> <moment>

import { passwords } from './passwords.ts';
import { KEY } from './vectors.ts';
import { keyStoresOf, walletsOf } from './wallets-of.ts';

const [home = '', change, moment] = process.argv.slice(2);
const { keyStore } = keyStoresOf(home);

/** Ends as by `kill -9`: no handler runs, nothing is cleaned up. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

const dying = async () => {
  const store = await keyStore('file');
  const at = (name: string) => (moment === name ? die() : Promise.resolve());
  return {
    ...store,
    async prepare(...given: Parameters<typeof store.prepare>) {
      const place = await store.prepare(...given);
      return async () => {
        await at('noted');
        await place();
        await at('placed');
      };
    },
    async delete(address: string) {
      await at('noted');
      await store.delete(address);
      await at('placed');
    },
  };
};

const wallets = walletsOf(home, dying);
if (change === 'add') await wallets.importKey('main', KEY, passwords());
else await wallets.remove('main');
