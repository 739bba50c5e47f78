import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../../base-command.ts';

export default class AuthOutsideUnlink extends BaseCommand {
  static override summary = 'Stop an outside identity from opening your account.';
  static override args = { identity: Args.string({ description: 'Id of the identity.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(AuthOutsideUnlink);
    const client = await this.client(flags);
    const answer = await client.unlinkOutside({ params: { id: args.identity }, signal: this.signal });
    this.remark(`unlinked ${args.identity}`, flags);
    return { ...answer, id: args.identity };
  }
}
