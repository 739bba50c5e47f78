import { type Signer, verifyTypedData } from 'ethers';
import type { Identity } from '../crypto/identity.ts';
import { CLOCK_TOLERANCE_MS } from '../crypto/network.ts';
import { publicKeyOf } from '../crypto/peer-id.ts';
import { openSigned, sign } from '../crypto/signed.ts';
import { RiosError } from '../errors/error.ts';
import {
  type BindingRevocation,
  peerRevocationSchema,
  type WalletBinding,
  walletBindingSchema,
} from '../schema/binding.ts';
import type { Signed } from '../schema/trust.ts';

export { peerHashOf } from './peer-hash.ts';

/** What both sides sign, beside the wallet's address. `expiresAt` in milliseconds since 1970. */
export type BindingFields = Pick<
  WalletBinding,
  'networkId' | 'chainId' | 'peerId' | 'sequence' | 'expiresAt'
>;

/** What one side signs to take bindings back, up to `sequence`. */
export type RevocationFields = Omit<BindingFields, 'expiresAt'>;

/** What is expected of a binding, and what is known from before. */
export interface BindingCheck {
  readonly networkId: string;
  readonly chainId: number;
  /** The peer that shows it, proved by its connection. */
  readonly peerId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The last one seen of this peer: a lower sequence, or the same with another wallet, is refused. */
  readonly known?: { readonly sequence: number; readonly wallet: string };
  /** Sequences up to this one are revoked. */
  readonly revokedUpTo?: number;
}

/** Why a binding is refused, in details.reason. */
export type BindingRefusal = 'network' | 'chain' | 'peer' | 'expired' | 'sequence' | 'revoked';

const PARTIES = [
  { name: 'networkId', type: 'string' },
  { name: 'peerId', type: 'string' },
  { name: 'wallet', type: 'address' },
  { name: 'sequence', type: 'uint64' },
];
/** EIP-712 types: a binding cannot be read as a revocation, nor the other way round. */
export const BINDING_TYPES = { WalletBinding: [...PARTIES, { name: 'expiresAt', type: 'uint64' }] };
export const REVOCATION_TYPES = { WalletRevocation: PARTIES };

const domainOf = (chainId: number) => ({ name: 'RiOS WalletBinding', version: '1', chainId });

/** The wallet says: this peer works for me (EIP-712). Without the peer's own signature it is worth nothing yet. */
export async function signWalletBinding(signer: Signer, fields: BindingFields): Promise<WalletBinding> {
  const { networkId, chainId, peerId, sequence, expiresAt } = fields;
  const message = { networkId, peerId, wallet: await signer.getAddress(), sequence, expiresAt };
  const walletSignature = await signer.signTypedData(domainOf(chainId), BINDING_TYPES, message);
  return walletBindingSchema.parse({ ...message, chainId, walletSignature });
}

/** The peer says the same of the wallet: the statement that travels in Hello. */
export function signPeerBinding(identity: Identity, binding: WalletBinding): Signed {
  return sign('walletBinding', binding, identity.privateKey);
}

/**
 * Checks both signatures, network, chain, peer, time and sequence.
 * @throws RiosError INTEGRITY_SIGNATURE (either one), AUTH_BINDING (details.reason)
 */
export function verifyWalletBinding(signed: Signed, check: BindingCheck): WalletBinding {
  const binding = openSigned('walletBinding', signed, publicKeyOf(check.peerId), walletBindingSchema);
  const { networkId, chainId, peerId, wallet, sequence, expiresAt, walletSignature } = binding;
  if (peerId !== check.peerId) throw refused('peer', 'it is of another worker', { peerId });
  checkPlace(binding, check);
  const message = { networkId, peerId, wallet, sequence, expiresAt };
  checkWallet(wallet, () => verifyTypedData(domainOf(chainId), BINDING_TYPES, message, walletSignature));
  if (check.now > expiresAt + CLOCK_TOLERANCE_MS) throw refused('expired', 'its time is over', { expiresAt });
  checkSequence(binding, check);
  return binding;
}

function checkSequence({ sequence, wallet }: WalletBinding, { known, revokedUpTo }: BindingCheck): void {
  if (revokedUpTo !== undefined && sequence <= revokedUpTo) {
    throw refused('revoked', 'it was revoked', { sequence, revokedUpTo });
  }
  if (known === undefined || sequence > known.sequence) return;
  if (sequence === known.sequence && wallet.toLowerCase() === known.wallet.toLowerCase()) return;
  throw refused('sequence', 'a newer one is known', { sequence, known: known.sequence });
}

/** The wallet takes back every binding to this peer up to `sequence`. */
export async function signWalletRevocation(
  signer: Signer,
  { networkId, chainId, peerId, sequence }: RevocationFields,
): Promise<BindingRevocation> {
  const message = { networkId, peerId, wallet: await signer.getAddress(), sequence };
  const walletSignature = await signer.signTypedData(domainOf(chainId), REVOCATION_TYPES, message);
  return { by: 'wallet', ...message, chainId, walletSignature };
}

/** The peer takes back every binding to this wallet up to `sequence`. */
export function signPeerRevocation(
  identity: Identity,
  { networkId, chainId, wallet, sequence }: Omit<RevocationFields, 'peerId'> & { readonly wallet: string },
): BindingRevocation {
  const { peerId } = identity;
  const statement = { networkId, chainId, peerId, wallet, sequence };
  return { by: 'peer', peerId, signed: sign('walletRevocation', statement, identity.privateKey) };
}

/** What a revocation takes back. @throws RiosError INTEGRITY_SIGNATURE, AUTH_BINDING (another network, chain, peer) */
export function verifyRevocation(
  revocation: BindingRevocation,
  check: Pick<BindingCheck, 'networkId' | 'chainId'>,
): { readonly wallet: string; readonly peerId: string; readonly sequence: number } {
  const { networkId, chainId, peerId, wallet, sequence } =
    revocation.by === 'peer' ? openPeerRevocation(revocation) : revocation;
  checkPlace({ networkId, chainId }, check);
  if (revocation.by === 'wallet') {
    const message = { networkId, peerId, wallet, sequence };
    const { walletSignature } = revocation;
    checkWallet(wallet, () => verifyTypedData(domainOf(chainId), REVOCATION_TYPES, message, walletSignature));
  }
  return { wallet, peerId, sequence };
}

function openPeerRevocation({ peerId, signed }: BindingRevocation & { readonly by: 'peer' }) {
  const opened = openSigned('walletRevocation', signed, publicKeyOf(peerId), peerRevocationSchema);
  if (opened.peerId !== peerId)
    throw refused('peer', 'it speaks of another worker', { peerId: opened.peerId });
  return opened;
}

function checkPlace(
  { networkId, chainId }: Pick<WalletBinding, 'networkId' | 'chainId'>,
  expected: Pick<BindingCheck, 'networkId' | 'chainId'>,
): void {
  if (networkId !== expected.networkId) throw refused('network', 'it is for another network', { networkId });
  if (chainId !== expected.chainId) throw refused('chain', 'it is for another chain', { chainId });
}

function checkWallet(wallet: string, recover: () => string): void {
  if (wallet.toLowerCase() === recoverOrNone(recover)?.toLowerCase()) return;
  throw new RiosError('INTEGRITY_SIGNATURE', `the wallet ${wallet} did not sign the binding`);
}

function recoverOrNone(recover: () => string): string | undefined {
  try {
    return recover();
  } catch {
    return undefined;
  }
}

const refused = (reason: BindingRefusal, why: string, details: Record<string, unknown>) =>
  new RiosError('AUTH_BINDING', `the binding of wallet and worker is refused: ${why}`, {
    details: { reason, ...details },
  });
