import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class RouteExplain extends BaseCommand {
  static override summary =
    'Which worker computed which experts of a request, how long each hop took, and why.';
  static override args = { request: Args.string({ description: 'Id of the request.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(RouteExplain);
    const client = await this.client(flags);
    const { formatRoute } = await import('../../print/route.ts');
    const explanation = await client.explainRoute({ params: { id: args.request }, signal: this.signal });
    this.print(formatRoute(explanation));
    return explanation;
  }
}
