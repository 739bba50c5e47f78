import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class OrgRole extends BaseCommand {
  static override summary = "Change a member's role in an organisation.";
  static override args = {
    org: Args.string({ description: 'Name of the organisation.', required: true }),
    email: Args.string({ description: 'Address of the member.', required: true }),
    role: Args.string({
      options: ['admin', 'developer', 'worker', 'viewer'],
      description: 'What it may do there.',
      required: true,
    }),
  };

  async run() {
    const { args, flags } = await this.parse(OrgRole);
    const { roleSchema } = await import('@rios/sdk/schema/account');
    const client = await this.client(flags);
    const body = { email: args.email, role: roleSchema.parse(args.role) };
    const org = await client.setMemberRole({ params: { name: args.org }, body, signal: this.signal });
    this.remark(`${args.email} is ${args.role} of ${org.name} now`, flags);
    return org;
  }
}
