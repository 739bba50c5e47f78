import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../base-command.ts';

export default class Api extends BaseCommand {
  static override summary =
    'Call the API directly, with the token of the context; the answer goes to stdout.';
  static override examples = [
    '<%= config.bin %> api GET /v1/status',
    '<%= config.bin %> api POST /v1/invites --body \'{"ttlMs":3600000}\'',
  ];
  static override args = {
    method: Args.string({ description: 'GET, POST, PUT or DELETE.', required: true }),
    path: Args.string({ description: 'Path with its query, for example /v1/workers.', required: true }),
  };
  static override flags = {
    body: Flags.string({ summary: 'JSON, @file, or - for stdin.' }),
    'idempotency-key': Flags.string({
      summary: 'Makes a writing call safe to repeat: 16 to 128 characters.',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(Api);
    const { callApi } = await import('../actions/api.ts');
    const { reach } = await import('../actions/connect.ts');
    const { connection, token } = await reach(this.target(flags));
    return callApi({
      ...args,
      apiUrl: connection.apiUrl,
      token,
      body: flags.body,
      idempotencyKey: flags['idempotency-key'],
      timeoutMs: flags.timeout,
      signal: this.signal,
      write: this.jsonEnabled() ? undefined : (bytes) => process.stdout.write(bytes),
    });
  }
}
