import {
  type BindingCheck,
  type BindingFields,
  peerHashOf,
  signPeerBinding,
  signPeerRevocation,
  signWalletBinding,
  signWalletRevocation,
  verifyRevocation,
  verifyWalletBinding,
} from '@rios/sdk/chain/binding';
import { createIdentity, type Identity } from '@rios/sdk/crypto/identity';
import { createNetworkKey } from '@rios/sdk/crypto/network';
import { sign } from '@rios/sdk/crypto/signed';
import { bindingRevocationSchema } from '@rios/sdk/schema/binding';
import { signedSchema } from '@rios/sdk/schema/trust';
import { expect } from 'chai';
import { type BaseWallet, id, Wallet } from 'ethers';

const NOW = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const { networkId } = createNetworkKey(new Uint8Array(32).fill(1));
const worker = createIdentity(new Uint8Array(32).fill(2));
const other = createIdentity(new Uint8Array(32).fill(3));
const wallet = new Wallet(id('wallet'));
const stranger = new Wallet(id('stranger'));

const fieldsOf = (fields: Partial<BindingFields> = {}): BindingFields => ({
  networkId,
  chainId: 31_337,
  peerId: worker.peerId,
  sequence: 4,
  expiresAt: NOW + HOUR_MS,
  ...fields,
});

const checkOf = (check: Partial<BindingCheck> = {}): BindingCheck => ({
  networkId,
  chainId: 31_337,
  peerId: worker.peerId,
  now: NOW,
  ...check,
});

const bind = async (
  fields: Partial<BindingFields> = {},
  signer: BaseWallet = wallet,
  peer: Identity = worker,
) => signPeerBinding(peer, await signWalletBinding(signer, fieldsOf(fields)));

function refusalOf(verify: () => unknown): string {
  try {
    verify();
  } catch (error) {
    const { code, details } = error as { code?: string; details?: { reason?: string } };
    return [code, details?.reason].filter(Boolean).join(' ');
  }
  return 'taken';
}

describe('wallet binding', () => {
  it('default: signed by both, it is taken', async () => {
    const signed = await bind();

    expect(signedSchema.safeParse(signed).success).to.equal(true);
    const binding = verifyWalletBinding(signed, checkOf());
    expect(binding).to.include({ wallet: wallet.address, peerId: worker.peerId, sequence: 4 });
  });

  it('behaviour: a higher sequence replaces a lower one, also with another wallet; the same one may come again', async () => {
    const known = { sequence: 4, wallet: wallet.address };

    expect(verifyWalletBinding(await bind(), checkOf({ known })).sequence).to.equal(4);
    const rotated = await bind({ sequence: 5 }, stranger);
    expect(verifyWalletBinding(rotated, checkOf({ known })).wallet).to.equal(stranger.address);
  });

  it('error INTEGRITY_SIGNATURE: another wallet is named than the one that signed', async () => {
    const binding = await signWalletBinding(wallet, fieldsOf());
    const forged = signPeerBinding(worker, { ...binding, wallet: stranger.address });

    expect(refusalOf(() => verifyWalletBinding(forged, checkOf()))).to.equal('INTEGRITY_SIGNATURE');
  });

  it('error INTEGRITY_SIGNATURE: any field that the wallet did not sign', async () => {
    const binding = await signWalletBinding(wallet, fieldsOf());
    for (const change of [{ sequence: 9 }, { expiresAt: NOW + 9 * HOUR_MS }]) {
      const forged = signPeerBinding(worker, { ...binding, ...change });
      expect(
        refusalOf(() => verifyWalletBinding(forged, checkOf())),
        JSON.stringify(change),
      ).to.equal('INTEGRITY_SIGNATURE');
    }
    const garbage = signPeerBinding(worker, { ...binding, walletSignature: `0x${'ff'.repeat(65)}` });
    expect(refusalOf(() => verifyWalletBinding(garbage, checkOf()))).to.equal('INTEGRITY_SIGNATURE');
  });

  it('error INTEGRITY_SIGNATURE: shown by a peer that did not sign it, or signed by another peer', async () => {
    expect(
      refusalOf(() => verifyWalletBinding(sign('walletBinding', {}, worker.privateKey), checkOf())),
    ).to.equal('INTEGRITY_SIGNATURE');
    const stolen = await bind();
    expect(refusalOf(() => verifyWalletBinding(stolen, checkOf({ peerId: other.peerId })))).to.equal(
      'INTEGRITY_SIGNATURE',
    );
    const foreign = await bind({}, wallet, other);
    expect(refusalOf(() => verifyWalletBinding(foreign, checkOf()))).to.equal('INTEGRITY_SIGNATURE');
  });

  it('error INTEGRITY_SIGNATURE: a statement of another purpose', async () => {
    const binding = await signWalletBinding(wallet, fieldsOf());
    const receipt = sign('receipt', binding, worker.privateKey);

    expect(refusalOf(() => verifyWalletBinding(receipt, checkOf()))).to.equal('INTEGRITY_SIGNATURE');
  });

  it('error AUTH_BINDING: signed anew by another peer over a wallet’s binding to this one', async () => {
    const stolen = await bind({}, wallet, other);

    expect(refusalOf(() => verifyWalletBinding(stolen, checkOf({ peerId: other.peerId })))).to.equal(
      'AUTH_BINDING peer',
    );
  });

  it('error AUTH_BINDING: for another network, or another chain', async () => {
    const foreign = createNetworkKey(new Uint8Array(32).fill(9)).networkId;

    const network = await bind({ networkId: foreign });
    expect(refusalOf(() => verifyWalletBinding(network, checkOf()))).to.equal('AUTH_BINDING network');
    const chain = await bind({ chainId: 1 });
    expect(refusalOf(() => verifyWalletBinding(chain, checkOf()))).to.equal('AUTH_BINDING chain');
  });

  it('error AUTH_BINDING: expired', async () => {
    const signed = await bind();
    expect(refusalOf(() => verifyWalletBinding(signed, checkOf({ now: NOW + HOUR_MS + 5_001 })))).to.equal(
      'AUTH_BINDING expired',
    );
    expect(refusalOf(() => verifyWalletBinding(signed, checkOf({ now: NOW + HOUR_MS + 5_000 })))).to.equal(
      'taken',
    );
  });

  it('error AUTH_BINDING: a lower sequence, or the same with another wallet', async () => {
    const known = { sequence: 5, wallet: wallet.address };
    const older = await bind();
    expect(refusalOf(() => verifyWalletBinding(older, checkOf({ known })))).to.equal('AUTH_BINDING sequence');
    const same = await bind({ sequence: 5 }, stranger);
    expect(refusalOf(() => verifyWalletBinding(same, checkOf({ known })))).to.equal('AUTH_BINDING sequence');
  });

  it('error AUTH_BINDING: revoked by either side; a later one is taken', async () => {
    const fields = { networkId, chainId: 31_337, sequence: 4 };
    const records = [
      await signWalletRevocation(wallet, { ...fields, peerId: worker.peerId }),
      signPeerRevocation(worker, { ...fields, wallet: wallet.address }),
    ];
    for (const record of records) {
      expect(bindingRevocationSchema.safeParse(record).success, record.by).to.equal(true);
      const revoked = verifyRevocation(record, checkOf());
      expect(revoked, record.by).to.deep.equal({
        wallet: wallet.address,
        peerId: worker.peerId,
        sequence: 4,
      });
    }

    const signed = await bind();
    expect(refusalOf(() => verifyWalletBinding(signed, checkOf({ revokedUpTo: 4 })))).to.equal(
      'AUTH_BINDING revoked',
    );
    const later = await bind({ sequence: 5 });
    expect(refusalOf(() => verifyWalletBinding(later, checkOf({ revokedUpTo: 4 })))).to.equal('taken');
  });

  it('error INTEGRITY_SIGNATURE: a revocation that neither side signed', async () => {
    const fields = { networkId, chainId: 31_337, sequence: 4 };
    const byWallet = await signWalletRevocation(stranger, { ...fields, peerId: worker.peerId });
    if (byWallet.by !== 'wallet') throw new Error('by the wallet');
    expect(refusalOf(() => verifyRevocation({ ...byWallet, wallet: wallet.address }, checkOf()))).to.equal(
      'INTEGRITY_SIGNATURE',
    );
    const byPeer = signPeerRevocation(other, { ...fields, wallet: wallet.address });
    if (byPeer.by !== 'peer') throw new Error('by the peer');
    expect(refusalOf(() => verifyRevocation({ ...byPeer, peerId: worker.peerId }, checkOf()))).to.equal(
      'INTEGRITY_SIGNATURE',
    );
    const lie = sign(
      'walletRevocation',
      { ...fields, peerId: worker.peerId, wallet: wallet.address },
      other.privateKey,
    );
    expect(
      refusalOf(() => verifyRevocation({ by: 'peer', peerId: other.peerId, signed: lie }, checkOf())),
    ).to.equal('AUTH_BINDING peer');
  });

  it('error AUTH_BINDING: a revocation for another network or chain', async () => {
    const record = await signWalletRevocation(wallet, {
      networkId,
      chainId: 1,
      peerId: worker.peerId,
      sequence: 4,
    });
    expect(refusalOf(() => verifyRevocation(record, checkOf()))).to.equal('AUTH_BINDING chain');
    expect(refusalOf(() => verifyRevocation(record, checkOf({ chainId: 1, networkId: 'net_0' })))).to.equal(
      'AUTH_BINDING network',
    );
  });

  it('default: a peer’s hash is the sha256 of its id’s bytes', () => {
    expect(peerHashOf(worker.peerId)).to.match(/^0x[0-9a-f]{64}$/);
    expect(peerHashOf(worker.peerId)).not.to.equal(peerHashOf(other.peerId));
  });
});
