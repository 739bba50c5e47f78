import * as Flags from '@oclif/core/flags';
import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class WalletFaucet extends WalletCommand {
  static override summary = 'Get ROS of no worth on a dev chain, and coin for gas.';
  static override examples = [
    '<%= config.bin %> wallet faucet',
    '<%= config.bin %> wallet faucet --amount 500',
  ];
  static override flags = {
    amount: Flags.string({ summary: 'How much, at most 10,000 ROS at once.', default: '100' }),
  };

  async run() {
    const { flags } = await this.parse(WalletFaucet);
    const { formatRos, parseRos } = await import('@rios/sdk/chain/amounts');
    const amountWei = parseRos(flags.amount);
    const { opened, address } = await this.openFor(undefined, flags);
    const { askFaucet } = await import('@rios/sdk/chain/ask-faucet');
    await askFaucet(opened.chain, address, amountWei);
    const ros = await opened.contracts.token.balanceOf(address);
    this.print(`${address} got ${formatRos(amountWei)} and has ${formatRos(ros)}`);
    return { address, amountWei: String(amountWei), rosWei: String(ros) };
  }
}
