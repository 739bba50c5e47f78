import { deviceWhere, outsideWhere, type WhereToGo } from '../print/where-to-go.ts';
import type { Asking } from '../prompts/confirm.ts';
import { canPrompt } from '../prompts/confirm.ts';
import { createCredentials, type GivenCredentials } from './credentials.ts';
import { type LoginOptions, passwordSignIn } from './login.ts';

/** What `rios login` was told. */
export interface ChosenSignIn extends GivenCredentials {
  readonly device: boolean;
  /** Id of an outside login. */
  readonly outside: string | undefined;
  readonly asking: Pick<Asking, 'json' | 'noInput'>;
  readonly tell: (where: WhereToGo) => void;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
}

/** By an outside provider, by a code (on a terminal where nothing else was said), or by password. */
export async function chooseSignIn(chosen: ChosenSignIn): Promise<LoginOptions['signIn']> {
  const { email, passwordStdin, code, outside, device, asking, tell, timeoutMs, signal } = chosen;
  const credentials = createCredentials({ email, passwordStdin, code }, asking);
  const common = { timeoutMs, signal };
  if (outside !== undefined) {
    const { outsideSignIn } = await import('./login-outside.ts');
    return outsideSignIn({ ...common, login: outside, credentials, show: (one) => tell(outsideWhere(one)) });
  }
  const given = email !== undefined || passwordStdin || code !== undefined;
  if (device || (!given && canPrompt(asking))) {
    const { deviceSignIn } = await import('./device-login.ts');
    return deviceSignIn({ ...common, show: (one) => tell(deviceWhere(one)) });
  }
  return passwordSignIn({ ...common, credentials });
}
