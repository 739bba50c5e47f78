import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class ModelSplit extends BaseCommand {
  static override summary = 'Cut a Hugging Face checkpoint into a bundle of parts.';
  static override description =
    'Reads config.json, *.safetensors and the tokenizer of a directory (model types: mixtral) and writes a\nrios.split/1 bundle: graphs, shards, a manifest with the hash of every file. Memory stays small for any size.';
  static override examples = ['<%= config.bin %> model split ./tiny-moe --out ./tiny-moe.bundle'];
  static override args = {
    source: Args.string({ description: 'Directory of the checkpoint.', required: true }),
  };
  static override flags = {
    out: Flags.string({ summary: 'Where to write the bundle.', required: true }),
    name: Flags.string({ summary: "Name of the model; the directory's by default." }),
    by: Flags.option({
      options: ['experts', 'stages'] as const,
      summary: 'What may be placed apart.',
      default: 'experts' as const,
    })(),
    overwrite: Flags.boolean({ summary: 'Replace an older bundle.' }),
    parts: Flags.integer({
      summary: 'Number of stages (--by stages), or of expert groups in each layer.',
      min: 1,
    }),
  };

  async run() {
    const { args, flags } = await this.parse(ModelSplit);
    const { splitAction } = await import('../../actions/model/split.ts');
    const { formatReport } = await import('../../print/report.ts');
    const { out, name, by, parts, overwrite } = flags;
    const options = { source: args.source, out, name, by, parts, overwrite, signal: this.signal };
    const report = await splitAction(options, await this.progress(flags));
    this.print(formatReport(report));
    return report;
  }
}
