import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openContracts } from '@rios/sdk/chain/contracts';
import { openChain } from '@rios/sdk/chain/open-chain';
import { rewardsLeaf } from '@rios/sdk/chain/rewards-proof';
import { prepareTransaction, sendTransaction, type TransactionCall } from '@rios/sdk/chain/transaction';
import type {
  BalanceReport,
  HistoryRow,
  MovedReport,
  WalletSession,
  WithdrawReport,
} from '@rios/sdk/schema/money-results';
import { expect } from 'chai';
import { concat, type HDNodeWallet, keccak256, toBeHex } from 'ethers';
import { deriveDevAccounts } from '../../packages/orchestrator/src/chain/dev-accounts.ts';
import { startWalletChain, type WalletChain, type WalletUser } from '../support/wallet-chain.ts';

const ROS = 10n ** 18n;
const DAY = 86_400;
const FRIEND = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';

describe('rios wallet: money on a dev chain', function () {
  this.timeout(120_000);
  let chain: WalletChain;
  let user: WalletUser;
  before(async () => {
    chain = await startWalletChain();
  });
  after(() => chain?.stop());
  beforeEach(async () => {
    user = await chain.user();
  });

  const balanceOf = (address?: string) =>
    user.json<BalanceReport>(['wallet', 'balance', ...(address === undefined ? [] : [address])]);

  it('default: the faucet gives ROS and coin; a deposit is one transaction', async () => {
    const report = await user.json<MovedReport>(['wallet', 'deposit', '20']);
    const balance = await balanceOf();

    expect(report.amountWei).to.equal(String(20n * ROS));
    expect(report.transaction).to.include({ nonce: 0, resumed: false, to: chain.file.addresses.escrow });
    expect(balance.rosWei).to.equal(String(80n * ROS));
    expect(balance.escrowWei).to.equal(String(20n * ROS));
    expect(BigInt(balance.coinWei)).to.equal(ROS - BigInt(report.transaction.feeWei));
  });

  it('behaviour: a transaction is shown on stderr and asked about; nobody to ask and no --yes is a refusal', async () => {
    const before = await balanceOf(FRIEND);
    const refused = await user.plain(['wallet', 'send', FRIEND, '1.5']);
    const inBetween = await balanceOf(FRIEND);
    const sent = await user.plain(['wallet', 'send', FRIEND, '1.5 ROS', '--yes']);
    const after = await balanceOf(FRIEND);

    expect(refused.code).to.equal(2);
    expect(refused.stdout).to.equal('');
    expect(refused.stderr).to.contain('USER_CONFIRMATION_NEEDED');
    for (const { stderr } of [refused, sent]) {
      expect(stderr).to.match(new RegExp(`what +Send 1\\.5 ROS to ${FRIEND}`));
      expect(stderr).to.match(/amount +1\.5 ROS\n/);
      expect(stderr).to.match(/gas +at most \d+\n/);
      expect(stderr).to.match(/highest fee +[\d.]+ gwei/);
      expect(stderr).to.match(/total +at most 0\.0\d+ ETH/);
    }
    expect(inBetween.rosWei).to.equal(before.rosWei);
    expect(sent.stdout).to.match(/^Send 1\.5 ROS to 0x\w+: done in block \d+ by 0x/);
    expect(BigInt(after.rosWei) - BigInt(before.rosWei)).to.equal((3n * ROS) / 2n);
  });

  it('behaviour: a withdrawal is begun, is too early, and is paid when it is due; what goes beyond it is begun', async () => {
    await user.json(['wallet', 'deposit', '20']);
    const begun = await user.json<WithdrawReport>(['wallet', 'withdraw', '5']);
    const early = await user.error(['wallet', 'withdraw']);
    const again = await user.error(['wallet', 'withdraw', '5']);
    await chain.advance(7 * DAY);
    const paid = await user.json<WithdrawReport>(['wallet', 'withdraw', 'all']);

    expect(begun.did).to.deep.equal(['started']);
    expect(begun.exit?.amountWei).to.equal(String(5n * ROS));
    expect((begun.exit?.readyAt ?? 0) - begun.now).to.equal(7 * DAY * 1000);
    expect(early).to.include({ exit: 12, code: 'CHAIN_REVERTED' });
    expect(early.message).to.contain(new Date(begun.exit?.readyAt ?? 0).toISOString());
    expect(early.details).to.include({ error: 'ExitNotReady', readyAt: begun.exit?.readyAt });
    expect(again.code).to.equal('CHAIN_REVERTED');
    expect(paid.did).to.deep.equal(['paid', 'started']);
    expect(paid.paidWei).to.equal(String(5n * ROS));
    expect(paid.exit?.amountWei).to.equal(String(15n * ROS));
    expect(await balanceOf()).to.include({ rosWei: String(85n * ROS), escrowWei: String(15n * ROS) });
  });

  it('behaviour: a withdrawal is cancelled, and without one there is nothing to cancel or to take', async () => {
    await user.json(['wallet', 'deposit', '2']);
    await user.json(['wallet', 'withdraw', 'all']);
    const cancelled = await user.json<WithdrawReport>(['wallet', 'withdraw', '--cancel']);
    const again = await user.error(['wallet', 'withdraw', '--cancel']);
    const nothing = await user.error(['wallet', 'withdraw']);

    expect(cancelled.did).to.deep.equal(['cancelled']);
    expect((await balanceOf()).exit).to.equal(null);
    expect(again).to.include({ code: 'CHAIN_REVERTED' });
    expect(again.details).to.include({ error: 'NoExit' });
    expect(nothing).to.include({ exit: 2, code: 'USER_INVALID_REQUEST' });
  });

  it('behaviour: a session key is listed, ends by time, and is revoked for good after the delay', async () => {
    await user.json(['wallet', 'deposit', '20']);
    const refused = await user.plain(['wallet', 'session', 'create', '--cap', '5']);
    const none = await user.json<{ sessions: WalletSession[] }>(['wallet', 'session', 'list']);
    const short = await user.json<{ session: WalletSession }>([
      'wallet',
      'session',
      'create',
      '--cap',
      '5',
      '--ttl',
      '1h',
    ]);
    const long = await user.json<{ session: WalletSession }>([
      'wallet',
      'session',
      'create',
      '--cap',
      '7',
      '--ttl',
      '30d',
    ]);
    expect(short.session).to.include({ state: 'live', isHere: true, leftWei: String(5n * ROS) });
    await chain.advance(2 * 3600);
    const { sessions } = await user.json<{ sessions: WalletSession[] }>(['wallet', 'session', 'list']);
    const expired = await user.error(['wallet', 'session', 'revoke', short.session.key]);
    const revoked = await user.json<{ session: WalletSession }>([
      'wallet',
      'session',
      'revoke',
      long.session.key,
    ]);
    await chain.advance(8 * DAY);
    const twice = await user.error(['wallet', 'session', 'revoke', long.session.key]);

    expect(refused.code).to.equal(2);
    expect(none.sessions).to.deep.equal([]);
    const states = Object.fromEntries(sessions.map(({ key, state }) => [key, state]));
    expect(states).to.deep.equal({ [short.session.key]: 'expired', [long.session.key]: 'live' });
    expect(expired).to.include({ code: 'CHAIN_REVERTED' });
    expect(expired.details).to.include({ error: 'NoSession' });
    expect(revoked.session.isHere).to.equal(false);
    expect(revoked.session.expiresAt).to.be.below(long.session.expiresAt);
    expect(twice.details).to.include({ error: 'NoSession' });
  });

  it('behaviour: history says what happened, oldest first, with signs', async () => {
    await user.json(['wallet', 'send', FRIEND, '1']);
    await user.json(['wallet', 'deposit', '2']);
    await user.json(['wallet', 'withdraw', '1']);
    const { rows } = await user.json<{ rows: HistoryRow[] }>(['wallet', 'history']);
    const newest = await user.json<{ rows: HistoryRow[] }>(['wallet', 'history', '--limit', '1']);

    expect(rows.map(({ what, amountWei }) => [what, amountWei])).to.deep.equal([
      ['received', String(100n * ROS)],
      ['sent', String(-ROS)],
      ['deposited', String(2n * ROS)],
      ['withdrawal begun', String(ROS)],
    ]);
    expect(newest.rows).to.deep.equal(rows.slice(-1));
  });

  describe('claim', () => {
    const OTHER = rewardsLeaf(FRIEND, 7n * ROS);

    /** Publishes an epoch in which the account earned `cumulative`; the file that claims it, and who may veto it. */
    const publish = async (account: string, cumulative: bigint) => {
      const opened = await openChain({ rpcUrl: chain.file.rpcUrl, confirmations: 0, isDevChain: true });
      const contracts = await openContracts(opened, chain.file.addresses);
      const { faucet, publisher, guardian } = deriveDevAccounts(chain.mnemonic);
      const send = async (signer: HDNodeWallet, call: TransactionCall) => {
        const prepared = await prepareTransaction(opened, signer.address, call);
        await sendTransaction(opened, signer, prepared, { onSigned: () => undefined });
      };
      const total = cumulative + 7n * ROS;
      await send(faucet, contracts.token.transfer(publisher.address, 2n * total));
      await send(publisher, contracts.token.approve(contracts.rewards.address, 1000n * total));
      const pair = [rewardsLeaf(account, cumulative), OTHER].sort();
      const { epoch: live } = await contracts.rewards.live();
      const pending = await contracts.rewards.pending();
      const epoch = Math.max(live, pending.epoch) + 1;
      const root = keccak256(concat(pair));
      await send(publisher, contracts.rewards.publish(epoch, root, toBeHex(1n, 32), total));
      const file = join(chain.folder, `claim-${randomBytes(4).toString('hex')}.json`);
      const text = { account, cumulativeWei: String(cumulative), proof: [OTHER] };
      await writeFile(file, JSON.stringify(text));
      return { file, text, veto: () => send(guardian, contracts.rewards.veto(epoch)) };
    };

    it('behaviour: pays what the live root owes, once, when its time has come', async () => {
      const { file, text } = await publish(user.address, 3n * ROS);
      const early = await user.error(['wallet', 'claim', '--file', file]);
      await chain.advance(DAY);
      await writeFile(`${file}.forged`, JSON.stringify({ ...text, cumulativeWei: String(4n * ROS) }));
      const forged = await user.error(['wallet', 'claim', '--file', `${file}.forged`]);
      const paid = await user.json<MovedReport>(['wallet', 'claim', '--file', file]);
      const twice = await user.error(['wallet', 'claim', '--file', file]);

      expect(early).to.include({ code: 'CHAIN_REVERTED' });
      expect(early.details).to.include({ error: 'NotReady' });
      expect(forged.details).to.include({ error: 'BadProof' });
      expect(paid.amountWei).to.equal(String(3n * ROS));
      expect((await balanceOf()).rosWei).to.equal(String(103n * ROS));
      expect(twice.details).to.include({ error: 'NothingToClaim' });
    });

    it('error CHAIN_REVERTED: a claim against a vetoed root', async () => {
      const { file, veto } = await publish(user.address, 3n * ROS);
      await veto();
      const vetoed = await user.error(['wallet', 'claim', '--file', file]);

      expect(vetoed).to.include({ exit: 12, code: 'CHAIN_REVERTED' });
      expect(vetoed.details).to.include({ error: 'BadProof' });
      expect(vetoed.hint).to.contain('vetoed');
    });

    it('error USER_INVALID_REQUEST: a file that is no claim', async () => {
      const file = join(chain.folder, 'no-claim.json');
      await writeFile(file, '{"account": 5}');

      expect(await user.error(['wallet', 'claim', '--file', file])).to.include({ exit: 2 });
      expect(await user.error(['wallet', 'claim', '--file', join(chain.folder, 'gone.json')])).to.include({
        exit: 5,
      });
    });
  });
});
