import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class ConfigUnset extends BaseCommand {
  static override summary = 'Remove a value of config.yaml: its default holds again.';
  static override args = {
    key: Args.string({ description: 'For example keystore, or contexts.lab.tokenFile.', required: true }),
  };

  async run() {
    const { args, flags } = await this.parse(ConfigUnset);
    const { unsetConfigValue } = await import('../../actions/config-values.ts');
    const { resolveHome } = await import('@rios/sdk/config/home');
    const removed = await unsetConfigValue(resolveHome(), args.key);
    this.remark(`removed ${removed.key}`, flags);
    return removed;
  }
}
