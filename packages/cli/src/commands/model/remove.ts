import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class ModelRemove extends BaseCommand {
  static override summary = 'Remove a model from the network: from its workers and from the store.';
  static override args = { model: Args.string({ description: 'Name of the model.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(ModelRemove);
    const { confirm } = await import('../../prompts/confirm.ts');
    await confirm(`Remove ${args.model} from the network?`, this.asking(flags));
    const client = await this.client(flags);
    const answer = await client.removeModel({ params: { name: args.model }, signal: this.signal });
    this.remark(`removed ${args.model}`, flags);
    return { ...answer, name: args.model };
  }
}
