import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { SCOPES } from '@rios/sdk/api/route';
import { BaseCommand, durationFlag } from '../../../base-command.ts';

const DEFAULT_TTL_MS = 90 * 86_400_000;

export default class AuthClientCreate extends BaseCommand {
  static override summary = 'Register a program (OAuth 2.0): for CI with a secret, or for browsers.';
  static override description =
    'With a secret, printed this once, it gets short tokens by client credentials at /oauth/token. With --redirect-uri it has no secret, and asks people in a browser (authorisation code with PKCE).';
  static override examples = [
    '<%= config.bin %> auth client create ci --scope inference --ttl 30d',
    '<%= config.bin %> auth client create notebook --scope inference --redirect-uri https://notebook.example/back',
  ];
  static override args = { name: Args.string({ description: 'What it is.', required: true }) };
  static override flags = {
    scope: Flags.option({
      options: SCOPES,
      summary: 'What it may do; may be given again.',
      multiple: true,
      multipleNonGreedy: true,
      required: true,
    })(),
    ttl: durationFlag({ summary: 'How long it is valid, 90d by default.' }),
    org: Flags.string({ summary: 'Organisation that it acts for; your own account by default.' }),
    'redirect-uri': Flags.string({
      summary: 'Where a browser comes back to, exactly; may be given again.',
      multiple: true,
      multipleNonGreedy: true,
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AuthClientCreate);
    const client = await this.client(flags);
    const { scope: scopes, ttl: ttlMs = DEFAULT_TTL_MS, org, 'redirect-uri': redirectUris = [] } = flags;
    const body = { name: args.name, scopes, ttlMs, redirectUris, ...(org === undefined ? {} : { org }) };
    const answer = await client.createOauthClient({ body, signal: this.signal });
    this.print(answer.secret === null ? answer.view.id : `${answer.view.id}:${answer.secret}`);
    const how = answer.secret === null ? 'its client id' : 'client id and secret, which is not shown again';
    this.remark(how, flags);
    return answer;
  }
}
