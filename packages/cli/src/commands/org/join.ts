import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class OrgJoin extends BaseCommand {
  static override summary = 'Become a member of an organisation, by the token that was mailed to you.';
  static override flags = {
    'token-stdin': Flags.boolean({ summary: 'Read the mailed token from stdin, its first line.' }),
  };

  async run() {
    const { flags } = await this.parse(OrgJoin);
    const { ask, readSecretLines } = await import('../../actions/ask.ts');
    const question = { message: 'Mailed token', secret: true, otherwise: 'Add --token-stdin.' };
    const token = flags['token-stdin']
      ? (await readSecretLines('the mailed token'))[0]
      : await ask(question, this.asking(flags));
    const client = await this.client(flags);
    const org = await client.joinOrg({ body: { token }, signal: this.signal });
    this.remark(`you are ${org.role} of ${org.name} now`, flags);
    return org;
  }
}
