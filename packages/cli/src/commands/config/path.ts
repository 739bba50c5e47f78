import { BaseCommand } from '../../base-command.ts';

export default class ConfigPath extends BaseCommand {
  static override summary = 'Print where config.yaml and the data directories are.';

  async run() {
    await this.parse(ConfigPath);
    const { resolveHome } = await import('@rios/sdk/config/home');
    const home = resolveHome();
    this.print(home.configFile);
    return home;
  }
}
