import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../../base-command.ts';

export default class AuthDeviceApprove extends BaseCommand {
  static override summary = 'Log in another device, by the code that its rios login shows.';
  static override description =
    'It gets a session of your account. Say yes only to a login that you have just begun yourself.';
  static override examples = ['<%= config.bin %> auth device approve BCDF-GHJK'];
  static override args = {
    code: Args.string({ description: 'The code that the device shows.', required: true }),
  };

  async run() {
    const { args, flags } = await this.parse(AuthDeviceApprove);
    const client = await this.client(flags);
    const body = { userCode: args.code };
    const { formatDevice } = await import('../../../print/programs.ts');
    const { confirm } = await import('../../../prompts/confirm.ts');
    const wanted = await client.showDevice({ body, signal: this.signal });
    this.remark(formatDevice(wanted), flags);
    await confirm('Log it in to your account?', this.asking(flags));
    const answer = await client.approveDevice({ body, signal: this.signal });
    this.remark(`logged in ${answer.clientName}`, flags);
    return answer;
  }
}
