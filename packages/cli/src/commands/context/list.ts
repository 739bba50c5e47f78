import { BaseCommand } from '../../base-command.ts';

export default class ContextList extends BaseCommand {
  static override summary = 'List the contexts: orchestrators that commands can talk to.';

  async run() {
    await this.parse(ContextList);
    const { listContexts } = await import('../../actions/contexts.ts');
    const { resolveHome } = await import('@rios/sdk/config/home');
    const { formatTable } = await import('../../print/table.ts');
    const contexts = await listContexts(resolveHome());
    const rows = contexts.map((row) => [row.current ? '*' : '', row.name, row.apiUrl, row.tokenFile ?? '']);
    this.print(formatTable(['', 'name', 'api url', 'token file'], rows));
    return { contexts };
  }
}
