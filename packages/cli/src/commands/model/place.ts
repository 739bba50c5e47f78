import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class ModelPlace extends BaseCommand {
  static override summary = 'Place a model on workers, and wait until it is ready.';
  static override args = { model: Args.string({ description: 'Name of the model.', required: true }) };
  static override flags = {
    shape: Flags.option({
      options: ['replica', 'chain', 'island'] as const,
      summary: 'Force a shape; the planner chooses by measured facts otherwise.',
    })(),
    spread: Flags.boolean({ summary: 'No worker may hold all experts of any layer.' }),
    'min-stake': Flags.string({ summary: 'Only on workers with so much at stake, for example 100 ROS.' }),
  };

  async run() {
    const { args, flags } = await this.parse(ModelPlace);
    const { placeModel } = await import('../../actions/model/place.ts');
    const { formatPlacement } = await import('../../print/models.ts');
    const client = await this.client(flags);
    const { shape, spread, 'min-stake': minStake, timeout: timeoutMs } = flags;
    const options = { client, name: args.model, shape, spread, minStake, timeoutMs, signal: this.signal };
    const model = await placeModel(options, await this.progress(flags));
    this.print(formatPlacement(model));
    return model;
  }
}
