import { BaseCommand } from '../base-command.ts';

export default class Version extends BaseCommand {
  static override summary = 'Versions of rios and what it runs on.';

  async run() {
    await this.parse(Version);
    const { listVersions } = await import('../actions/versions.ts');
    const { formatReport } = await import('../print/report.ts');
    const versions = listVersions();
    this.print(formatReport(versions));
    return versions;
  }
}
