import * as Flags from '@oclif/core/flags';
import { BaseCommand, type GlobalFlags } from '../base-command.ts';
import type { Account, AccountTarget, ChainTarget, OpenedChain } from './open.ts';
import type { SubmitOptions } from './submit.ts';

const helpGroup = 'CHAIN';

/** Flags of commands that read the chain. */
export interface ChainFlags extends GlobalFlags {
  readonly 'rpc-url'?: string | undefined;
  readonly 'chain-file'?: string | undefined;
}

/** Flags of commands that act for a wallet. */
export interface AccountFlags extends ChainFlags {
  readonly wallet?: string | undefined;
  readonly 'password-stdin': boolean;
}

/** What commands about money share: which chain, which wallet, and how a transaction is confirmed. */
export abstract class WalletCommand extends BaseCommand {
  static override baseFlags = {
    ...BaseCommand.baseFlags,
    'rpc-url': Flags.string({ summary: '[env: RIOS_RPC_URL] RPC of the chain.', helpGroup }),
    'chain-file': Flags.string({
      summary: 'File with the chain and its contracts; by default the orchestrator is asked.',
      env: 'RIOS_CHAIN_FILE',
      helpGroup,
    }),
    wallet: Flags.string({ summary: 'Name of the wallet; the one in use by default.', env: 'RIOS_WALLET', helpGroup }),
    'password-stdin': Flags.boolean({ summary: "Read the wallet's password from stdin.", helpGroup }),
  };

  protected chainTarget(flags: ChainFlags): ChainTarget {
    const { 'rpc-url': rpcUrl, 'chain-file': chainFile, timeout: timeoutMs } = flags;
    return { ...this.target(flags), rpcUrl, chainFile, timeoutMs };
  }

  protected async openChain(flags: ChainFlags): Promise<OpenedChain> {
    const { openWalletChain } = await import('./open.ts');
    return openWalletChain(this.chainTarget(flags));
  }

  protected async openAccount(flags: AccountFlags): Promise<Account> {
    const { openAccount } = await import('./open.ts');
    const { canPrompt } = await import('../prompts/confirm.ts');
    const { wallet, 'password-stdin': passwordStdin } = flags;
    const canAsk = canPrompt(this.asking(flags));
    const target: AccountTarget = { ...this.chainTarget(flags), wallet, passwordStdin, canAsk };
    return openAccount(target);
  }

  protected submitOptions(flags: AccountFlags): SubmitOptions {
    return { asking: this.asking(flags), quiet: flags.quiet, timeoutMs: flags.timeout };
  }
}
