import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand, durationFlag } from '../../../base-command.ts';

const DEFAULT_TTL_MS = 90 * 86_400_000;

export default class AuthTokenCreate extends BaseCommand {
  static override summary = 'Create an API token for scripts and CI; it is printed this once.';
  static override examples = [
    '<%= config.bin %> auth token create ci --scope inference --scope models --ttl 30d',
  ];
  static override args = { name: Args.string({ description: 'What it is for.', required: true }) };
  static override flags = {
    scope: Flags.option({
      options: [
        'inference',
        'models',
        'deployments',
        'workers',
        'network',
        'status',
        'account',
        'audit',
      ] as const,
      summary: 'What it may do; may be given again.',
      multiple: true,
      multipleNonGreedy: true,
      required: true,
    })(),
    ttl: durationFlag({ summary: 'How long it is valid, 90d by default.' }),
    org: Flags.string({ summary: 'Organisation that it acts for; your own account by default.' }),
  };

  async run() {
    const { args, flags } = await this.parse(AuthTokenCreate);
    const client = await this.client(flags);
    const { scope: scopes, ttl: ttlMs = DEFAULT_TTL_MS, org } = flags;
    const body = { name: args.name, scopes, ttlMs, ...(org === undefined ? {} : { org }) };
    const answer = await client.createToken({ body, signal: this.signal });
    this.print(answer.token);
    this.remark(`${answer.view.id}: use it as RIOS_API_TOKEN; it is not shown again`, flags);
    return answer;
  }
}
