import { openEnvelope, sealEnvelope } from '../crypto/envelope.ts';
import type { MasterKeys } from '../crypto/master-keys.ts';

/**
 * Encrypts secret columns. The context (table, column and row) is authenticated: an envelope moved to another row
 * does not open. Errors: INTEGRITY_SECRET, and those of loading the master keys.
 */
export interface SecretBox {
  seal(text: string, context: string): Promise<string>;
  open(envelope: string, context: string): Promise<string>;
}

/** @param load gives the master keys; called at the first secret, and again only after it failed */
export function createSecretBox(load: () => Promise<MasterKeys>): SecretBox {
  let loaded: Promise<MasterKeys> | undefined;
  const keys = () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
  return {
    seal: async (text, context) => sealEnvelope(await keys(), Buffer.from(text), context),
    open: async (envelope, context) => Buffer.from(openEnvelope(await keys(), envelope, context)).toString(),
  };
}
