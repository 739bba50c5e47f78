import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { RiosError } from '@rios/sdk/errors/error';
import { BaseCommand } from '../../base-command.ts';

export default class WalletVerify extends BaseCommand {
  static override summary = 'Check that a signature was made by the key of an address.';
  static override examples = [
    '<%= config.bin %> wallet verify "I own this address" --address 0xab… --signature 0x12…',
  ];
  static override args = { message: Args.string({ description: 'Text that was signed.' }) };
  static override flags = {
    address: Flags.string({ summary: 'Whose signature it should be.', required: true }),
    signature: Flags.string({ summary: '0x and 130 hexadecimal digits.', required: true }),
    file: Flags.string({ summary: 'The signed bytes are those of this file.' }),
    'typed-data': Flags.string({ summary: 'The signed typed data is in this JSON file.' }),
  };

  async run() {
    const { args, flags } = await this.parse(WalletVerify);
    const { readSignable } = await import('../../wallet/read-signable.ts');
    const { parseAddress, recoverSigner } = await import('@rios/sdk/wallet/signable');
    const { signature, file, 'typed-data': typedData } = flags;
    const address = parseAddress(flags.address);
    const signable = await readSignable({ ...args, file, typedData });
    const signer = recoverSigner(signable, signature);
    if (signer !== address) {
      throw new RiosError('INTEGRITY_SIGNATURE', `this is not a signature of ${address} for this text`, {
        details: { signer },
      });
    }
    this.print(`signed by ${address}`);
    return { address, kind: signable.kind, signature };
  }
}
