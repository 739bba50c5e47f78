import { BaseCommand } from '../../base-command.ts';

export default class ModelList extends BaseCommand {
  static override summary = 'List the models of the network.';

  async run() {
    const { flags } = await this.parse(ModelList);
    const client = await this.client(flags);
    const { formatModels } = await import('../../print/models.ts');
    const { models } = await client.status({ signal: this.signal });
    this.print(formatModels(models));
    return { models };
  }
}
