import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { appArgument } from '../../deployment-flags.ts';

export default class DeploymentEvents extends BaseCommand {
  static override summary = 'What happened to an application, oldest first; JSON lines under --json.';
  static override args = appArgument;
  static override flags = { follow: Flags.boolean({ char: 'f', summary: 'Go on as more happens.' }) };

  async run() {
    const { args, flags } = await this.parse(DeploymentEvents);
    const client = await this.client(flags);
    const { watchEvents } = await import('../../actions/deployment/watch-events.ts');
    const { formatEvent } = await import('../../print/deployments/format-releases.ts');
    await watchEvents({
      ...args,
      client,
      follow: flags.follow,
      signal: this.signal,
      onEvent: (event) => (this.jsonEnabled() ? this.logJson(event) : this.print(formatEvent(event))),
    });
  }
}
