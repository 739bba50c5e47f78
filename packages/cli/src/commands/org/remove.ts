import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class OrgRemove extends BaseCommand {
  static override summary = 'Remove a member from an organisation.';
  static override args = {
    org: Args.string({ description: 'Name of the organisation.', required: true }),
    email: Args.string({ description: 'Address of the member.', required: true }),
  };

  async run() {
    const { args, flags } = await this.parse(OrgRemove);
    const { confirm } = await import('../../prompts/confirm.ts');
    await confirm(`Remove ${args.email} from ${args.org}?`, this.asking(flags));
    const client = await this.client(flags);
    const body = { email: args.email };
    const answer = await client.removeMember({ params: { name: args.org }, body, signal: this.signal });
    this.remark(`removed ${args.email} from ${args.org}`, flags);
    return { ...answer, org: args.org, ...body };
  }
}
