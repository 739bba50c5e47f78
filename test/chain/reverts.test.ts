import type { RosContracts } from '@rios/sdk/chain/contracts';
import { signPermit } from '@rios/sdk/chain/permit';
import type { TransactionCall } from '@rios/sdk/chain/prepared-transaction';
import { prepareTransaction, sendTransaction, waitForTransaction } from '@rios/sdk/chain/transaction';
import { expect } from 'chai';
import { type BaseWallet, id, ZeroAddress, ZeroHash } from 'ethers';
import { failureOf } from '../support/failure-of.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';

const ROS = 10n ** 18n;
const FAR = 4_000_000_000;
const WORKER = id('worker');
const BARE = id('worker without stake');
const STRANGE = id('nobody’s worker');
const KEY = '0x00000000000000000000000000000000000000A1';

/** One refusal: who asks for what, and the words in which the contract's error is told. */
interface Refusal {
  readonly as?: 'publisher';
  readonly says: RegExp;
  readonly code?: string;
  call(contracts: RosContracts, self: string): TransactionCall;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ZeroAmount: { says: /^The amount is zero\.$/, call: ({ escrow }) => escrow.startExit(0n) },
  InsufficientBalance: {
    code: 'QUOTA_BALANCE',
    says: /is 5 ROS, and 6 ROS are needed\. 1 ROS are missing\.$/,
    call: ({ escrow }) => escrow.startExit(6n * ROS),
  },
  ExitNotReady: { says: /can be withdrawn from 20\d\d-/, call: ({ escrow }) => escrow.withdraw() },
  InvalidSession: {
    says: /an end that lies in the future/,
    call: ({ escrow }) => escrow.authoriseSession(KEY, ROS, 1),
  },
  SessionReduced: {
    says: /can only be widened/,
    call: ({ escrow }) => escrow.authoriseSession(KEY, ROS / 2n, FAR),
  },
  NoSession: { says: /has no live session/, call: ({ escrow }, self) => escrow.revokeSession(self) },
  AlreadyRegistered: {
    says: /is registered already/,
    call: ({ registry }, self) => registry.register(WORKER, self),
  },
  ZeroAddress: { says: /address is zero/, call: ({ registry }) => registry.register(STRANGE, ZeroAddress) },
  NotRegistered: { says: /register it first/, call: ({ registry }) => registry.requestUnbond(STRANGE, 1n) },
  StillBonded: { says: /still has stake/, call: ({ registry }) => registry.deregister(WORKER) },
  InsufficientStake: {
    says: /^The stake is 1 ROS, and 9 ROS were asked for\.$/,
    call: ({ registry }) => registry.requestUnbond(WORKER, 9n * ROS),
  },
  UnbondingNotOver: {
    says: /can be withdrawn from 20\d\d-/,
    call: ({ registry }) => registry.withdraw(WORKER),
  },
  NothingUnbonding: { says: /begin with unstake/, call: ({ registry }) => registry.withdraw(BARE) },
  ERC20InsufficientAllowance: {
    says: /may take 0 ROS, and 1 ROS are needed/,
    call: ({ escrow }, self) => escrow.deposit(self, ROS),
  },
  ERC20InsufficientBalance: {
    code: 'QUOTA_BALANCE',
    says: /ROS are missing\.$/,
    call: ({ token }) => token.transfer(KEY, 1000n * ROS),
  },
  ERC20InvalidReceiver: {
    says: /cannot be sent to the zero address/,
    call: ({ token }) => token.transfer(ZeroAddress, 1n),
  },
  ERC20InvalidSpender: {
    says: /zero address cannot be a spender/,
    call: ({ token }) => token.approve(ZeroAddress, 1n),
  },
  EmptyRoot: {
    as: 'publisher',
    says: /root is zero/,
    call: ({ rewards }) => rewards.publish(1, ZeroHash, ZeroHash, 0n),
  },
  WrongEpoch: {
    as: 'publisher',
    says: /^The next epoch is 1, not 7\.$/,
    call: ({ rewards }) => rewards.publish(7, id('root'), ZeroHash, 0n),
  },
  NothingPending: { says: /No such root waits/, call: ({ rewards }) => rewards.activate() },
  BadProof: { says: /does not lead/, call: ({ rewards }, self) => rewards.claim(self, 1n, []) },
  AccessControlUnauthorizedAccount: {
    says: /lacks the role 0x/,
    call: ({ rewards }) => rewards.veto(1),
  },
};

describe('reverts on a chain', () => {
  let world: TestChain;
  let account: BaseWallet;
  before(async () => {
    world = await startTestChain();
    account = await world.createWallet({ ros: 10n * ROS });
    const { token, escrow, registry } = world.contracts;
    const permit = (spender: string, value: bigint) => signPermit(account, token, spender, value, FAR);
    await pass(escrow.depositWithPermit(await permit(escrow.address, 5n * ROS)));
    await pass(escrow.startExit(ROS));
    await pass(escrow.authoriseSession(KEY, ROS, FAR));
    await pass(registry.register(WORKER, account.address));
    await pass(registry.register(BARE, account.address));
    await pass(registry.stakeWithPermit(WORKER, await permit(registry.address, 2n * ROS)));
    await pass(registry.requestUnbond(WORKER, ROS));
  });
  after(() => world.stop());

  const pass = async (call: TransactionCall) => {
    const prepared = await prepareTransaction(world.chain, account.address, call);
    const sent = await sendTransaction(world.chain, account, prepared, { onSigned: () => {} });
    await waitForTransaction(world.chain, sent.hash, { timeoutMs: 5_000 });
  };

  it('default: what is not refused is there to be read', async () => {
    const { escrow, registry } = world.contracts;

    expect(await escrow.account(account.address)).to.deep.equal({ balance: 5n * ROS, spent: 0n });
    expect(await escrow.available(account.address)).to.equal(4n * ROS);
    expect((await escrow.exit(account.address)).amount).to.equal(ROS);
    expect(await escrow.session(account.address, KEY)).to.deep.equal({ limit: ROS, expiry: FAR });
    const worker = await registry.worker(registry.idOf(account.address, WORKER));
    expect(worker).to.include({ payout: account.address, stake: ROS, unbonding: ROS });
    expect((await registry.worker(registry.idOf(account.address, STRANGE))).payout).to.equal(undefined);
  });

  for (const [name, { as, says, code = 'CHAIN_REVERTED', call }] of Object.entries(REFUSALS)) {
    it(`error ${code}: ${name}`, async () => {
      const from = as === 'publisher' ? world.signers.publisher : account;
      const work = prepareTransaction(world.chain, from.address, call(world.contracts, from.address));
      const error = await failureOf(work);

      expect(error.code).to.equal(code);
      expect(error.details).to.include({ error: name });
      expect(error.message).to.match(says);
    });
  }
});
