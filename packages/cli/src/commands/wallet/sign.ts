import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { walletFlag, walletPasswordFlag } from '../../wallet/flags.ts';

export default class WalletSign extends BaseCommand {
  static override summary = 'Sign a message (EIP-191) or typed data (EIP-712) with the key of a wallet.';
  static override examples = [
    '<%= config.bin %> wallet sign "I own this address"',
    '<%= config.bin %> wallet sign --typed-data permit.json --yes',
  ];
  static override args = { message: Args.string({ description: 'Text to sign.' }) };
  static override flags = {
    file: Flags.string({ summary: 'Sign the bytes of this file instead.' }),
    'typed-data': Flags.string({ summary: 'Sign the typed data in this JSON file instead; asks before.' }),
    ...walletFlag,
    ...walletPasswordFlag,
  };

  async run() {
    const { args, flags } = await this.parse(WalletSign);
    const { readSignable } = await import('../../wallet/read-signable.ts');
    const { unlockWallet } = await import('../../wallet/unlock.ts');
    const signable = await readSignable({ ...args, file: flags.file, typedData: flags['typed-data'] });
    const asking = this.asking(flags);
    if (signable.kind === 'typed-data') {
      const { domain, primaryType, message } = signable.typed;
      const { confirm } = await import('../../prompts/confirm.ts');
      this.remark(JSON.stringify({ primaryType, domain, message }, null, 2), flags);
      await confirm(`Sign this ${primaryType}? It may allow others to spend.`, asking);
    }
    const { wallet, quiet, 'password-stdin': passwordStdin } = flags;
    const signer = await unlockWallet({ wallet, quiet, passwordStdin, asking });
    const { sign } = await import('@rios/sdk/wallet/signable');
    const signature = await sign(signer, signable);
    this.print(signature);
    return { address: signer.address, kind: signable.kind, signature };
  }
}
