import { BaseCommand } from '../../base-command.ts';
import { appArgument } from '../../deployment-flags.ts';

export default class DeploymentOpen extends BaseCommand {
  static override summary = "Open an application in this machine's browser, and print its address.";
  static override description = 'Under --json, with --no-input and without a screen it only prints.';
  static override args = appArgument;

  async run() {
    const { args, flags } = await this.parse(DeploymentOpen);
    const { checkAddress, openAddress } = await import('../../actions/deployment/open-address.ts');
    const { canPrompt } = await import('../../prompts/confirm.ts');
    const client = await this.client(flags);
    const view = await client.getDeployment({ params: args, signal: this.signal });
    const url = checkAddress(view.url);
    this.print(url);
    return { name: view.name, url, opened: canPrompt(this.asking(flags)) && (await openAddress(url)) };
  }
}
