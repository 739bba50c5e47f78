import type { PasswordSource } from '@rios/sdk/wallet/key-store';

export const PASSWORD = 'correct horse battery';

/** Says the same password each time, and notes what was asked. */
export function passwords(password = PASSWORD): PasswordSource & { readonly asked: string[] } {
  const asked: string[] = [];
  const answer = (kind: string) => async (what: string) => {
    asked.push(`${kind} ${what}`);
    return password;
  };
  return { asked, current: answer('current'), fresh: answer('fresh') };
}
