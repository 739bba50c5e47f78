import * as Args from '@oclif/core/args';
import { RiosError } from '@rios/sdk/errors/error';
import { BaseCommand } from '../../base-command.ts';

export default class OrgMembers extends BaseCommand {
  static override summary = 'List the members of an organisation, with their roles.';
  static override args = { org: Args.string({ description: 'Name of the organisation.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(OrgMembers);
    const client = await this.client(flags);
    const { formatMembers } = await import('../../print/accounts.ts');
    const { orgs } = await client.listOrgs({ signal: this.signal });
    const org = orgs.find(({ name }) => name === args.org);
    if (org === undefined) {
      const message = `you are in no organisation ${JSON.stringify(args.org)}`;
      throw new RiosError('NOT_FOUND', message, { hint: 'See rios org list.' });
    }
    this.print(formatMembers(org));
    return org;
  }
}
