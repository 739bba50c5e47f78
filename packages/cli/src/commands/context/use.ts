import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class ContextUse extends BaseCommand {
  static override summary = 'Choose the context that commands use.';
  static override args = { name: Args.string({ description: 'Name of the context.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(ContextUse);
    const { selectContext } = await import('../../actions/contexts.ts');
    const { resolveHome } = await import('@rios/sdk/config/home');
    const context = await selectContext(resolveHome(), args.name);
    this.remark(`using ${context.name}: ${context.apiUrl}`, flags);
    return context;
  }
}
