import type { Signer } from 'ethers';
import type { Identity } from '../crypto/identity.ts';
import { RiosError } from '../errors/error.ts';
import type { BindingRevocation, WalletBinding } from '../schema/binding.ts';
import type { Signed } from '../schema/trust.ts';

export { peerHashOf } from './peer-hash.ts';

/** What both sides sign, beside the wallet's address. `expiresAt` in milliseconds since 1970. */
export type BindingFields = Pick<
  WalletBinding,
  'networkId' | 'chainId' | 'peerId' | 'sequence' | 'expiresAt'
>;

/** What is expected of a binding, and what is known from before. */
export interface BindingCheck {
  readonly networkId: string;
  readonly chainId: number;
  /** The peer that shows it, proved by its connection. */
  readonly peerId: string;
  readonly now: number;
  /** The last binding seen of this peer: a lower sequence, or the same with another wallet, is refused. */
  readonly known?: { readonly sequence: number; readonly wallet: string };
  /** Sequences up to this one are revoked. */
  readonly revokedUpTo?: number;
}

/** The wallet says: this peer works for me (EIP-712). Without the peer's own signature it is worth nothing yet. */
export async function signWalletBinding(signer: Signer, fields: BindingFields): Promise<WalletBinding> {
  throw notYet(signer, fields);
}

/** The peer says the same of the wallet: the statement that travels in Hello. */
export function signPeerBinding(identity: Identity, binding: WalletBinding): Signed {
  throw notYet(identity, binding);
}

/**
 * Checks both signatures, network, chain, peer, time and sequence.
 * @throws RiosError INTEGRITY_SIGNATURE or AUTH_BINDING (details.reason: network, chain, peer, expired, sequence,
 * revoked)
 */
export function verifyWalletBinding(signed: Signed, check: BindingCheck): WalletBinding {
  throw notYet(signed, check);
}

/** The wallet takes back every binding to this peer up to `sequence`. */
export async function signWalletRevocation(
  signer: Signer,
  fields: Omit<BindingFields, 'expiresAt'>,
): Promise<BindingRevocation> {
  throw notYet(signer, fields);
}

/** The peer takes back every binding to this wallet up to `sequence`. */
export function signPeerRevocation(
  identity: Identity,
  fields: Omit<BindingFields, 'expiresAt' | 'peerId'> & { readonly wallet: string },
): BindingRevocation {
  throw notYet(identity, fields);
}

/** What a revocation takes back. @throws RiosError INTEGRITY_SIGNATURE, AUTH_BINDING (another network or chain) */
export function verifyRevocation(
  revocation: BindingRevocation,
  check: { readonly networkId: string; readonly chainId: number },
): { readonly wallet: string; readonly peerId: string; readonly sequence: number } {
  throw notYet(revocation, check);
}

const notYet = (...values: unknown[]) => new RiosError('BUG_UNEXPECTED', `not written yet: ${values.length}`);
