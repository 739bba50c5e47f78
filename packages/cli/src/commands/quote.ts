import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand, durationFlag } from '../base-command.ts';

export default class Quote extends BaseCommand {
  static override summary = 'What one request can cost at most: firm, signed, and kept to.';
  static override description =
    'Nothing is sent to the model. The request that hands the quote in pays what is used, never more than the quote.\nOf a chat only the whole context of the model is a bound.';
  static override examples = [
    '<%= config.bin %> quote tiny-moe "Once upon a time" --max-tokens 40',
    '<%= config.bin %> quote tiny-moe --chat --max-tokens 200 --json',
  ];
  static override args = {
    model: Args.string({ description: 'Name of the model.', required: true }),
    prompt: Args.string({ description: 'The prompt, or - to read it from stdin. Only its length is sent.' }),
  };
  static override flags = {
    'max-tokens': Flags.integer({ summary: 'Longest answer in tokens.', min: 1, default: 128 }),
    ids: Flags.string({ summary: "Token ids instead of a prompt, as '[1,2,3]'." }),
    chars: Flags.integer({ summary: 'Length of a prompt instead of it, in UTF-16 units.', min: 0 }),
    chat: Flags.boolean({ summary: 'The request is a chat.' }),
    ttl: durationFlag({ summary: 'How long it is to hold, at most 1h.', default: 600_000 }),
  };

  async run() {
    const { args, flags } = await this.parse(Quote);
    const { promptSize } = await import('../actions/billing/prompt-size.ts');
    const { formatQuote } = await import('../print/billing/views.ts');
    const prompt = await promptSize({ prompt: args.prompt, ...flags });
    const client = await this.client(flags);
    const body = { model: args.model, prompt, maxTokens: flags['max-tokens'], ttlMs: flags.ttl };
    const answer = await client.createQuote({ body, signal: this.signal });
    this.print(formatQuote(answer));
    return answer;
  }
}
