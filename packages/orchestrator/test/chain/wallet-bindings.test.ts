import {
  signPeerBinding,
  signPeerRevocation,
  signWalletBinding,
  signWalletRevocation,
} from '@rios/sdk/chain/binding';
import type { ChainFile } from '@rios/sdk/chain/chain-file';
import { createIdentity } from '@rios/sdk/crypto/identity';
import type { RiosError } from '@rios/sdk/errors/error';
import type { Signed } from '@rios/sdk/schema/trust';
import { expect } from 'chai';
import { Wallet } from 'ethers';
import { createChainAccess } from '../../src/chain/create-chain-access.ts';
import { listEvents } from '../../src/store/events.ts';
import { listBindings } from '../../src/store/wallet-bindings.ts';
import { createHarness, type Harness } from '../p2p/harness.ts';
import type { StandInWorker } from '../p2p/stand-in-worker.ts';
import { until } from '../p2p/until.ts';
import { expectError } from '../support/expect-error.ts';

const NETWORK = `net_${'1'.repeat(32)}`;
const CHAIN_ID = 31_337;
const address = (digit: string) => `0x${digit.repeat(40)}`;
const FILE: ChainFile = {
  format: 'rios.chain/1',
  chainId: CHAIN_ID,
  // nobody asks it: signatures are checked without the chain
  rpcUrl: 'http://127.0.0.1:9',
  addresses: {
    token: address('1'),
    registry: address('2'),
    escrow: address('3'),
    rewards: address('4'),
    timelock: address('5'),
  },
  confirmations: 0,
  isDevChain: true,
};
/** As harness.addWorker(0) has it. */
const WORKER = createIdentity(new Uint8Array(32).fill(1));
const OTHER = createIdentity(new Uint8Array(32).fill(9));
const [ADA, BOB] = [new Wallet(`0x${'11'.repeat(32)}`), new Wallet(`0x${'22'.repeat(32)}`)];

describe('wallet bindings', () => {
  let harness: Harness;
  let file: ChainFile | undefined;
  beforeEach(async () => {
    file = FILE;
    const find = async () => (file === undefined ? undefined : { file, rpcUrl: file.rpcUrl });
    const clock = { now: () => harness.clock.now(), after: () => () => {} };
    harness = await createHarness(undefined, createChainAccess({ find }, { networkId: NETWORK, clock }));
  });
  afterEach(() => harness.close());

  const fieldsOf = (over: object = {}) => ({
    networkId: NETWORK,
    chainId: CHAIN_ID,
    peerId: WORKER.peerId,
    sequence: 5,
    expiresAt: harness.clock.now() + 60_000,
    ...over,
  });
  const bindingOf = async (over: object = {}, wallet = ADA, peer = WORKER): Promise<Signed> =>
    signPeerBinding(peer, await signWalletBinding(wallet, fieldsOf(over)));
  const told = async (kind: string) =>
    (await listEvents(harness.store, 100))
      .filter((event) => event.kind === kind)
      .map(({ message }) => message);
  const boundTo = async () =>
    (await listBindings(harness.store, harness.clock.now())).map((binding) => binding.address);
  const bind = (binding: Signed) => harness.network.walletBindings.bind(WORKER.peerId, binding);
  const join = async (binding: Signed): Promise<StandInWorker> => {
    const worker = await harness.addWorker(0, { walletBinding: () => binding });
    await until(
      'it is listed',
      async () => (await harness.network.workers.get(worker.peerId)).state === 'listed',
    );
    return worker;
  };

  it('default: what a hello says is checked and kept, and the worker shows its wallet', async () => {
    const worker = await join(await bindingOf());
    const view = await until('it is bound', async () => {
      const found = await harness.network.workers.get(worker.peerId);
      return found.wallet === null ? undefined : found;
    });

    expect(view.wallet).to.deep.equal({
      address: ADA.address,
      sequence: 5,
      expiresAt: harness.clock.now() + 60_000,
    });
    expect(view.stakeWei, 'nobody has read it yet').to.equal(null);
    expect(await told('worker.bound')).to.have.length(1);
  });

  const FORGED: readonly [string, () => Promise<Signed>, RegExp][] = [
    ['that the peer did not sign', () => bindingOf({}, ADA, OTHER), /signature/],
    [
      'that the wallet did not sign',
      async () => {
        const bob = await signWalletBinding(BOB, fieldsOf());
        return signPeerBinding(WORKER, { ...bob, wallet: ADA.address });
      },
      /did not sign/,
    ],
    [
      'whose sequence was raised after the wallet had signed',
      async () => signPeerBinding(WORKER, { ...(await signWalletBinding(ADA, fieldsOf())), sequence: 6 }),
      /did not sign/,
    ],
    ['of another network', () => bindingOf({ networkId: `net_${'2'.repeat(32)}` }), /another network/],
    ['of another chain', () => bindingOf({ chainId: 1 }), /another chain/],
    ['of another worker', () => bindingOf({ peerId: OTHER.peerId }), /another worker/],
    ['whose time is over', () => bindingOf({ expiresAt: harness.clock.now() - 3_600_000 }), /time is over/],
    ['that is none at all', async () => ({ payload: 'AAAA', signature: 'AAAA' }), /signature/],
  ];
  for (const [what, make, reason] of FORGED) {
    it(`error AUTH_BINDING or INTEGRITY_SIGNATURE: a binding ${what} is refused and told; the worker is listed`, async () => {
      const worker = await join(await make());
      const [refusal] = await until('it is refused', async () => {
        const found = await told('binding.refused');
        return found.length > 0 ? found : undefined;
      });

      expect(refusal).to.match(reason);
      expect(refusal).to.match(/^(AUTH_BINDING|INTEGRITY_SIGNATURE): /);
      expect(await boundTo()).to.deep.equal([]);
      expect((await harness.network.workers.get(worker.peerId)).wallet).to.equal(null);
      const error = await bind(await make()).catch((found: RiosError) => found);
      expect(error).to.have.property('code').that.is.oneOf(['AUTH_BINDING', 'INTEGRITY_SIGNATURE']);
    });
  }

  it('behaviour: the same refusal with each hello is told once', async () => {
    const worker = await join(await bindingOf({ chainId: 1 }));
    await until('it is refused', async () => (await told('binding.refused')).length === 1);
    harness.clock.advance(2000);
    await worker.hello();
    await bind(await bindingOf());
    await until('it is bound', async () => (await boundTo()).length === 1);

    expect(await told('binding.refused')).to.have.length(1);
  });

  it('error AUTH_BINDING: a replayed older binding; a newer one rotates the wallet', async () => {
    await harness.addWorker(0);
    const old = await bindingOf();
    await bind(old);
    await bind(await bindingOf({ sequence: 6 }, BOB));

    const error = await expectError(bind(old), 'AUTH_BINDING');
    expect(error.details).to.deep.include({ reason: 'sequence' });
    await expectError(bind(await bindingOf({ sequence: 6 }, ADA)), 'AUTH_BINDING');
    expect(await boundTo()).to.deep.equal([BOB.address]);
  });

  it('behaviour: a binding ends at its time', async () => {
    const worker = await harness.addWorker(0);
    await bind(await bindingOf());
    harness.clock.advance(60_000);

    expect(await boundTo()).to.deep.equal([]);
    expect((await harness.network.workers.get(worker.peerId)).wallet).to.equal(null);
  });

  for (const by of ['peer', 'wallet'] as const) {
    it(`behaviour: revoked by the ${by}, a binding does not come back by being said again`, async () => {
      const worker = await harness.addWorker(0);
      const binding = await bindingOf();
      await bind(binding);
      const fields = { ...fieldsOf(), wallet: ADA.address };
      const revocation =
        by === 'peer' ? signPeerRevocation(WORKER, fields) : await signWalletRevocation(ADA, fields);
      await harness.network.walletBindings.revoke(worker.peerId, revocation);
      await harness.network.walletBindings.revoke(worker.peerId, revocation);

      expect(await boundTo()).to.deep.equal([]);
      expect((await expectError(bind(binding), 'AUTH_BINDING')).details).to.deep.include({
        reason: 'revoked',
      });
      expect(await told('worker.unbound')).to.have.length(1);
      await bind(await bindingOf({ sequence: 6 }));
      expect(await boundTo()).to.deep.equal([ADA.address]);
    });
  }

  it('error AUTH_BINDING, INTEGRITY_SIGNATURE: a foreign or forged revocation takes nothing back', async () => {
    const worker = await harness.addWorker(0);
    await bind(await bindingOf());
    const { revoke } = harness.network.walletBindings;
    const fields = { ...fieldsOf(), wallet: ADA.address };

    await expectError(revoke(worker.peerId, await signWalletRevocation(BOB, fields)), 'AUTH_BINDING');
    await expectError(revoke(worker.peerId, signPeerRevocation(OTHER, fields)), 'AUTH_BINDING');
    const forged = { ...(await signWalletRevocation(BOB, fields)), wallet: ADA.address };
    await expectError(revoke(worker.peerId, forged), 'INTEGRITY_SIGNATURE');
    expect(await boundTo()).to.deep.equal([ADA.address]);
  });

  it('error NOT_FOUND_WORKER: a peer that is no member is bound to nothing', async () => {
    await expectError(bind(await bindingOf()), 'NOT_FOUND_WORKER');
  });

  it('behaviour: a binding waits for the chain that comes after the worker', async () => {
    file = undefined;
    await join(await bindingOf());
    await expectError(bind(await bindingOf()), 'CHAIN_ABSENT');
    file = FILE;
    await until('it is bound', async () => {
      harness.clock.advance(1000);
      return (await boundTo()).length === 1;
    });

    expect(await told('binding.refused')).to.deep.equal([]);
  });
});
