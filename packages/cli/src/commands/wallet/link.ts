import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class WalletLink extends WalletCommand {
  static override summary = 'Make the deposits of a wallet those of your account.';
  static override description =
    'The wallet signs that what it pays into the escrow is for the account that you are signed in with; no\ntransaction is made. `rios wallet deposit` does it by itself. A wallet is linked once, and for good.';
  static override examples = [
    '<%= config.bin %> wallet link',
    '<%= config.bin %> wallet link --wallet savings',
  ];

  async run() {
    const { flags } = await this.parse(WalletLink);
    const { linkWallet } = await import('../../actions/wallet/link.ts');
    const { findWallet, unlockWallet } = await import('../../wallet/unlock.ts');
    const { wallet, quiet, 'password-stdin': passwordStdin } = flags;
    const { address } = await findWallet({ wallet, quiet });
    const client = await this.client(flags);
    const { chainId } = await client.getChain({});
    const signer = () => unlockWallet({ wallet, quiet, passwordStdin, asking: this.asking(flags) });
    const linked = await linkWallet(client, { address, chainId, signer });
    this.print(`${linked.address} pays for ${linked.accountId}`);
    return linked;
  }
}
