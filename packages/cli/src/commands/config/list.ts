import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class ConfigList extends BaseCommand {
  static override summary = 'List every setting as commands would use it here.';
  static override flags = {
    origin: Flags.boolean({
      summary: 'Also what decided it: flag, env (RIOS_*), project (./rios.yaml), config or default.',
    }),
  };

  async run() {
    const { flags } = await this.parse(ConfigList);
    const { listSettings } = await import('@rios/sdk/config/settings');
    const { resolveHome } = await import('@rios/sdk/config/home');
    const { formatTable } = await import('../../print/table.ts');
    const { 'api-url': apiUrl, context, timeout: timeoutMs } = flags;
    const settings = await listSettings({ apiUrl, context, timeoutMs }, process.env, resolveHome());
    const columns = flags.origin ? ['setting', 'value', 'origin'] : ['setting', 'value'];
    const rows = settings.map(({ key, value, origin }) => [key, String(value ?? '-'), origin]);
    this.print(formatTable(columns, rows));
    return { settings };
  }
}
