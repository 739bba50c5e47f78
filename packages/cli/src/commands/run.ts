import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../base-command.ts';
import { numberFlag } from '../flags.ts';

export default class Run extends BaseCommand {
  static override summary = 'Ask a model; the answer is streamed to stdout as it is computed.';
  static override description =
    'A model that is on no worker yet is placed first. Sampling that is not given is the API default:\ntemperature 1, top-p 1, a random seed. --temperature 0 always takes the most likely token.';
  static override examples = [
    '<%= config.bin %> run tiny-moe "Once upon a time" --max-tokens 40 --temperature 0',
    'cat prompt.txt | <%= config.bin %> run tiny-moe - --json',
  ];
  static override args = {
    model: Args.string({ description: 'Name of the model.', required: true }),
    prompt: Args.string({ description: 'The prompt, or - to read it from stdin.' }),
  };
  static override flags = {
    'max-tokens': Flags.integer({ summary: 'Longest answer in tokens.', min: 0, default: 128 }),
    temperature: numberFlag({ summary: 'Randomness, 0 to 2.' }),
    'top-p': numberFlag({ summary: 'Probability mass to draw from, 0 to 1.' }),
    seed: Flags.integer({ summary: 'The same seed gives the same answer.', min: 0 }),
    stop: Flags.string({
      summary: 'Text that ends the answer; may be given again.',
      multiple: true,
      multipleNonGreedy: true,
    }),
    stream: Flags.boolean({ summary: 'Print text as it arrives.', allowNo: true, default: true }),
    ids: Flags.string({ summary: "Token ids instead of a prompt, as '[1,2,3]'." }),
    logprobs: Flags.integer({
      summary: 'Log-probabilities of that many alternatives (see --json).',
      min: 0,
      max: 100,
    }),
    quote: Flags.string({
      summary: 'File with a quote (rios quote --json) that is kept to.',
      helpValue: '<file>',
    }),
    echo: Flags.boolean({ summary: "Also return the prompt's positions." }),
  };

  async run() {
    const { args, flags } = await this.parse(Run);
    const { runCommand } = await import('../actions/run-command.ts');
    const client = await this.client(flags);
    const streaming = flags.stream && !this.jsonEnabled();
    const given = { ...flags, ...args, client, signal: this.signal, streaming };
    const report = await runCommand(given, await this.progress(flags));
    const { formatRunSummary } = await import('../print/run.ts');
    if (!this.jsonEnabled()) this.remark(formatRunSummary(report), flags);
    return report;
  }
}
