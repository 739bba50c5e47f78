import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class ModelUnload extends BaseCommand {
  static override summary = 'Take a model off all workers; it stays in the store.';
  static override args = { model: Args.string({ description: 'Name of the model.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(ModelUnload);
    const client = await this.client(flags);
    const model = await client.unloadModel({ params: { name: args.model }, signal: this.signal });
    this.remark(`unloaded ${model.name}`, flags);
    return model;
  }
}
