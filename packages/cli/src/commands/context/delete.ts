import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class ContextDelete extends BaseCommand {
  static override summary = 'Remove a context from config.yaml; a login at its address stays.';
  static override args = { name: Args.string({ description: 'Name of the context.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(ContextDelete);
    const { deleteContext } = await import('../../actions/contexts.ts');
    const { resolveHome } = await import('@rios/sdk/config/home');
    const context = await deleteContext(resolveHome(), args.name);
    this.remark(`deleted ${context.name}`, flags);
    return context;
  }
}
