import { BaseCommand } from '../../base-command.ts';

export default class OrgList extends BaseCommand {
  static override summary = 'List the organisations that you belong to.';

  async run() {
    const { flags } = await this.parse(OrgList);
    const client = await this.client(flags);
    const { formatOrgs } = await import('../../print/accounts.ts');
    const answer = await client.listOrgs({ signal: this.signal });
    this.print(formatOrgs(answer.orgs));
    return answer;
  }
}
