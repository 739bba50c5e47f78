import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class SecretRemove extends BaseCommand {
  static override summary = 'Remove a secret that no application uses.';
  static override args = { name: Args.string({ description: 'Name of the secret.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(SecretRemove);
    const { confirm } = await import('../../prompts/confirm.ts');
    await confirm(`Remove the secret ${args.name}?`, this.asking(flags));
    const client = await this.client(flags);
    const answer = await client.removeSecret({ params: args, signal: this.signal });
    this.remark(`removed ${args.name}`, flags);
    return { ...answer, name: args.name };
  }
}
