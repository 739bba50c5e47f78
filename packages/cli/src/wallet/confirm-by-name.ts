import { RiosError } from '@rios/sdk/errors/error';
import { ask } from '../actions/ask.ts';
import { type Asking, canPrompt } from '../prompts/confirm.ts';

/**
 * Asks to type the name of a wallet before something that cannot be taken back; --yes is not enough.
 * @throws RiosError USER_CONFIRMATION_NEEDED where nobody can be asked, or --confirm is another name;
 * USER_INTERRUPTED when something else is typed
 */
export async function confirmByName(
  question: string,
  name: string,
  given: { readonly confirm: string | undefined; readonly asking: Pick<Asking, 'json' | 'noInput'> },
): Promise<void> {
  if (given.confirm === name) return;
  const hint = `Add --confirm ${name}.`;
  if (given.confirm !== undefined) {
    throw new RiosError('USER_CONFIRMATION_NEEDED', '--confirm is not the name of the wallet', { hint });
  }
  if (!canPrompt(given.asking)) {
    throw new RiosError('USER_CONFIRMATION_NEEDED', `${question} Nobody can be asked here.`, { hint });
  }
  const typed = await ask({ message: `${question} Type ${name} to go on`, otherwise: hint }, given.asking);
  if (typed !== name) throw new RiosError('USER_INTERRUPTED', 'not confirmed: nothing was done');
}
