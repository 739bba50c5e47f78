import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class SecretSet extends BaseCommand {
  static override summary =
    'Set a secret for your applications; its value comes by stdin, a file or a question.';
  static override description =
    'No value is ever shown again. It reaches containers that start from now on: rios deployment restart <name>.\nOne newline at its end is taken off.';
  static override examples = [
    'pass show db | <%= config.bin %> secret set db-url --stdin',
    '<%= config.bin %> secret set db-url --file ./db-url.txt',
  ];
  static override args = { name: Args.string({ description: 'Name of the secret.', required: true }) };
  static override flags = {
    stdin: Flags.boolean({ summary: 'Read the value from stdin.', exclusive: ['file'] }),
    file: Flags.string({ summary: 'Read the value from a file.' }),
  };

  protected override async init(): Promise<void> {
    const { refuseSecretValue } = await import('../../actions/refuse-secret-value.ts');
    refuseSecretValue(this.argv);
    await super.init();
  }

  async run() {
    const { args, flags } = await this.parse(SecretSet);
    const { readSecretValue } = await import('../../actions/read-secret-value.ts');
    const { stdin, file } = flags;
    const value = await readSecretValue({ ...args, stdin, file, asking: this.asking(flags) });
    const client = await this.secretClient(flags);
    const view = await client.setSecret({ params: args, body: { value }, signal: this.signal });
    this.remark(`set ${view.name}`, flags);
    return view;
  }
}
