import { readBindingFile } from '@rios/sdk/config/binding-file';
import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Signed } from '@rios/sdk/schema/trust';

/** What the worker says of its wallet in each hello: read anew, so that a new binding needs no restart. */
export type ReadWalletBinding = () => Promise<Signed | null>;

export interface WalletBindingPlace {
  /** The file of the data directory, which need not be there. */
  readonly ownFile: string;
  /** Named by the operator: it must be there and be one. */
  readonly namedFile: string | undefined;
}

/** @throws RiosError NOT_FOUND_FILE, USER_INVALID_REQUEST for a file that the operator named */
export async function openWalletBinding(
  { ownFile, namedFile }: WalletBindingPlace,
  log: Log,
): Promise<ReadWalletBinding> {
  if (namedFile !== undefined && (await readBindingFile(namedFile)) === undefined) {
    throw new RiosError('NOT_FOUND_FILE', `there is no wallet binding ${namedFile}`, {
      hint: 'Make it: rios worker register.',
      details: { file: namedFile },
    });
  }
  const file = namedFile ?? ownFile;
  return async () => {
    try {
      return (await readBindingFile(file))?.statement ?? null;
    } catch (error) {
      // a worker works without a wallet too
      log.warn('the wallet binding cannot be read', { file, error: toRiosError(error).message });
      return null;
    }
  };
}
