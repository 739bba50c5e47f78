import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class OrgCreate extends BaseCommand {
  static override summary = 'Create an organisation; you become its admin.';
  static override args = { org: Args.string({ description: 'Name of the organisation.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(OrgCreate);
    const client = await this.client(flags);
    const org = await client.createOrg({ body: { name: args.org }, signal: this.signal });
    this.remark(`created ${org.name}`, flags);
    return org;
  }
}
