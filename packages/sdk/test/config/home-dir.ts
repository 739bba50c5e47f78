import { type Home, resolveHome } from '@rios/sdk/config/home';
import { tempFolder } from '../support/temp-folder.ts';

/** A home of its own in a temporary directory. */
export function temporaryHome(): { readonly home: Home; readonly directory: string } {
  const directory = tempFolder();
  return { home: resolveHome({ RIOS_HOME: directory }), directory };
}
