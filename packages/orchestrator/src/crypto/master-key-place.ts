import { RiosError } from '@rios/sdk/errors/error';

/** Where the master keys are kept: a file, or the keychain of this machine. */
export interface MasterKeyPlace {
  readonly kind: 'file' | 'keychain';
  /** For people: the path, or which keychain. */
  readonly name: string;
  /** The text that was put there; undefined when there is none. @throws RiosError INTEGRITY_KEY_FILE */
  read(): Promise<string | undefined>;
  /** Puts a first text there, whole or not at all; what is there already stays. */
  create(text: string): Promise<void>;
  /** Puts a text in the place of what is there, whole or not at all. */
  replace(text: string): Promise<void>;
  /** Runs `work` while no other process changes the keys. @throws RiosError CONFLICT_IN_USE */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** The longest text of master keys. */
export const MAX_MASTER_KEY_BYTES = 16_384;

/** The error of master keys that cannot be used. */
export const refuseMasterKeys = (
  { kind, name }: { kind: string; name: string },
  why: string,
  cause?: unknown,
) =>
  new RiosError(
    'INTEGRITY_KEY_FILE',
    kind === 'file' ? `master key file ${name}: ${why}` : `master key in ${name}: ${why}`,
    {
      hint: 'Put the master key back, from a backup made --with-master-key or from another orchestrator.',
      details: kind === 'file' ? { file: name } : {},
      cause,
    },
  );
