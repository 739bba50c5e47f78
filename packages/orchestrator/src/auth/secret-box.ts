import { masterKeyIdOf, openEnvelope, sealEnvelope } from '../crypto/envelope.ts';
import type { MasterKeys } from '../crypto/master-keys.ts';

/**
 * Encrypts secret columns. The context (table, column and row) is authenticated: an envelope moved to another row
 * does not open. Errors: INTEGRITY_SECRET, and those of loading the master keys.
 */
export interface SecretBox {
  seal(text: string, context: string): Promise<string>;
  open(envelope: string, context: string): Promise<string>;
}

/** Reads the master keys; makes missing ones only with `create`. */
export type LoadMasterKeys = (options: { readonly create: boolean }) => Promise<MasterKeys>;

/**
 * The keys are read when something is sealed, so that nothing is sealed under a key that a rotation has replaced,
 * and when an envelope names a key that is not known yet. So a rotation needs no restart.
 */
export function createSecretBox(load: LoadMasterKeys): SecretBox {
  let known: MasterKeys | undefined;
  const reload = async (create: boolean) => {
    known = await load({ create });
    return known;
  };
  return {
    seal: async (text, context) => sealEnvelope(await reload(true), Buffer.from(text), context),
    open: async (envelope, context) => {
      const isKnown = known?.find(masterKeyIdOf(envelope)) !== undefined;
      const keys = known !== undefined && isKnown ? known : await reload(false);
      return Buffer.from(openEnvelope(keys, envelope, context)).toString();
    },
  };
}
