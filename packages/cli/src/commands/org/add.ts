import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class OrgAdd extends BaseCommand {
  static override summary = 'Ask somebody into an organisation, by mail; they accept with rios org join.';
  static override args = {
    org: Args.string({ description: 'Name of the organisation.', required: true }),
    email: Args.string({ description: 'Their address.', required: true }),
  };
  static override flags = {
    role: Flags.option({
      options: ['admin', 'developer', 'worker', 'viewer'] as const,
      summary: 'What it may do there.',
      default: 'viewer' as const,
    })(),
  };

  async run() {
    const { args, flags } = await this.parse(OrgAdd);
    const client = await this.client(flags);
    const body = { email: args.email, role: flags.role };
    const answer = await client.inviteMember({ params: { name: args.org }, body, signal: this.signal });
    this.remark(`asked ${args.email} into ${args.org} as ${flags.role}, by mail`, flags);
    return { ...answer, org: args.org, ...body };
  }
}
