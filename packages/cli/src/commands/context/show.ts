import { BaseCommand } from '../../base-command.ts';

export default class ContextShow extends BaseCommand {
  static override summary = 'Show what commands would talk to now, and where that was decided.';

  async run() {
    const { flags } = await this.parse(ContextShow);
    const { showConnection } = await import('../../actions/contexts.ts');
    const { resolveHome } = await import('@rios/sdk/config/home');
    const { formatReport } = await import('../../print/report.ts');
    const view = await showConnection(resolveHome(), { apiUrl: flags['api-url'], context: flags.context });
    this.print(formatReport(view));
    return view;
  }
}
