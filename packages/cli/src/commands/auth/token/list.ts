import { BaseCommand } from '../../../base-command.ts';

export default class AuthTokenList extends BaseCommand {
  static override summary = 'List your API tokens; never their secrets.';

  async run() {
    const { flags } = await this.parse(AuthTokenList);
    const client = await this.client(flags);
    const { formatTokens } = await import('../../../print/accounts.ts');
    const answer = await client.listTokens({ signal: this.signal });
    this.print(formatTokens(answer.tokens, Date.now()));
    return answer;
  }
}
