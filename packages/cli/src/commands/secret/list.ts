import { BaseCommand } from '../../base-command.ts';

export default class SecretList extends BaseCommand {
  static override summary = 'List secrets by name, with the applications that use them.';

  async run() {
    const { flags } = await this.parse(SecretList);
    const client = await this.client(flags);
    const { formatSecrets } = await import('../../print/secrets.ts');
    const answer = await client.listSecrets({ signal: this.signal });
    this.print(formatSecrets(answer.secrets, Date.now()));
    return answer;
  }
}
