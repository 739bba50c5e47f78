import { BaseCommand } from '../../../base-command.ts';
import { oneTimeCodeFlag } from '../../../flags.ts';

export default class AuthTotpConfirm extends BaseCommand {
  static override summary = 'Turn the second factor on by a code of the app; prints the recovery codes once.';
  static override flags = {
    code: oneTimeCodeFlag({ summary: 'Six digits of the authenticator app.' }),
  };

  async run() {
    const { flags } = await this.parse(AuthTotpConfirm);
    const { ask } = await import('../../../actions/ask.ts');
    const { formatCodes } = await import('../../../print/sign-ins.ts');
    const client = await this.client(flags);
    const question = { message: 'Code of the app', otherwise: 'Add --code.' };
    const code = flags.code ?? (await ask(question, this.asking(flags)));
    const answer = await client.confirmTotp({ body: { code }, signal: this.signal });
    this.print(formatCodes(answer.recoveryCodes));
    this.remark('the second factor is on; keep these codes, each works once', flags);
    return answer;
  }
}
