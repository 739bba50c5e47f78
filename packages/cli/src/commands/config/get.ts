import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class ConfigGet extends BaseCommand {
  static override summary = 'Print a value of config.yaml, or all of it.';
  static override args = {
    key: Args.string({ description: 'Dotted path, for example contexts.local.apiUrl.' }),
  };

  async run() {
    const { args } = await this.parse(ConfigGet);
    const { readConfigValue } = await import('../../actions/config-values.ts');
    const { resolveHome } = await import('@rios/sdk/config/home');
    const value = await readConfigValue(resolveHome(), args.key);
    this.print(typeof value === 'string' ? value : JSON.stringify(value, null, 2));
    return { key: args.key ?? null, value };
  }
}
