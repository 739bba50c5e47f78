import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { appArgument } from '../../deployment-flags.ts';

export default class DeploymentExec extends BaseCommand {
  static override summary = 'Run a command in a container of an application; ends with its exit code.';
  static override description = 'The command ends after 60 s, or after --timeout. Nobody can type into it.';
  static override examples = [
    '<%= config.bin %> deployment exec hello -- node --version',
    'tar c conf | <%= config.bin %> deployment exec hello --stdin -- tar x -C /tmp',
  ];
  static override strict = false;
  static override args = appArgument;
  static override flags = {
    replica: Flags.string({ summary: 'In this replica; any healthy one by default.' }),
    stdin: Flags.boolean({ char: 'i', summary: 'Hand it what stdin holds, at most 3 MiB.' }),
  };

  async run() {
    const { args, argv, flags } = await this.parse(DeploymentExec);
    const { execInDeployment } = await import('../../actions/deployment/exec.ts');
    const result = await execInDeployment({
      ...args,
      client: await this.client(flags),
      command: argv.slice(1).map(String),
      replica: flags.replica,
      stdin: flags.stdin ? process.stdin : undefined,
      timeoutMs: flags.timeout,
      signal: this.signal,
    });
    process.exitCode = result.exitCode;
    if (this.jsonEnabled()) return result;
    process.stdout.write(Buffer.from(result.stdout, 'base64'));
    process.stderr.write(Buffer.from(result.stderr, 'base64'));
    if (result.truncated) this.remark('the output was longer: only its first part is shown', flags);
    return result;
  }
}
