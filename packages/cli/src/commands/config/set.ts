import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class ConfigSet extends BaseCommand {
  static override summary = 'Set a value of config.yaml.';
  static override examples = ['<%= config.bin %> config set keystore file'];
  static override args = {
    key: Args.string({
      description: 'context, keystore, contexts.<name>.apiUrl or contexts.<name>.tokenFile.',
      required: true,
    }),
    value: Args.string({ description: 'The value; never a secret.', required: true }),
  };

  async run() {
    const { args, flags } = await this.parse(ConfigSet);
    const { setConfigValue } = await import('../../actions/config-values.ts');
    const { resolveHome } = await import('@rios/sdk/config/home');
    const set = await setConfigValue(resolveHome(), args.key, args.value);
    this.remark(`${set.key} is ${String(set.value)}`, flags);
    return set;
  }
}
