import { BaseCommand } from '../base-command.ts';

export default class Logout extends BaseCommand {
  static override summary = 'Sign out: the session ends, and its tokens are removed from this machine.';

  async run() {
    const { flags } = await this.parse(Logout);
    const { logout } = await import('../actions/login.ts');
    const report = await logout({ ...this.target(flags), signal: this.signal });
    const there = report.revoked ? '' : '; the server could not be told, the session ends there by itself';
    this.remark(`signed out ${report.account} of ${report.apiUrl}${there}`, flags);
    return report;
  }
}
