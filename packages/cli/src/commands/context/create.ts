import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { RiosError } from '@rios/sdk/errors/error';
import { BaseCommand } from '../../base-command.ts';

export default class ContextCreate extends BaseCommand {
  static override summary = 'Add a context: a name for an orchestrator. Log in to it with rios login.';
  static override examples = ['<%= config.bin %> context create lab --api-url https://lab.example --use'];
  static override args = { name: Args.string({ description: 'Name of the context.', required: true }) };
  static override flags = {
    'token-file': Flags.string({ summary: 'File that holds an API token, instead of a login.' }),
    'rpc-url': Flags.string({ summary: 'RPC of the chain, instead of the one that the orchestrator names.' }),
    use: Flags.boolean({ summary: 'Make it the one in use.' }),
  };

  async run() {
    const { args, flags } = await this.parse(ContextCreate);
    const { createContext } = await import('../../actions/contexts.ts');
    const { resolveHome } = await import('@rios/sdk/config/home');
    const {
      'api-url': apiUrl = process.env.RIOS_API_URL,
      'token-file': tokenFile,
      'rpc-url': rpcUrl,
      use,
    } = flags;
    if (apiUrl === undefined) {
      throw new RiosError('USER_INVALID_REQUEST', 'the address is missing', { hint: 'Add --api-url.' });
    }
    const context = await createContext(resolveHome(), { name: args.name, apiUrl, tokenFile, rpcUrl, use });
    this.remark(`created ${context.name}: ${context.apiUrl}${context.current ? ', in use' : ''}`, flags);
    return context;
  }
}
