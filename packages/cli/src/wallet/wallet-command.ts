import * as Flags from '@oclif/core/flags';
import { BaseCommand, type GlobalFlags } from '../base-command.ts';
import { walletFlag, walletPasswordFlag } from './flags.ts';
import type { Account, ChainTarget, OpenedChain } from './open.ts';
import type { SubmitOptions } from './submit.ts';

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
    // its variable is read where flag, environment and context meet: see find-chain.ts
    'rpc-url': Flags.string({ summary: '[env: RIOS_RPC_URL] RPC of the chain.' }),
    'chain-file': Flags.string({
      summary: 'File that names the chain and its contracts; by default the orchestrator is asked.',
      env: 'RIOS_CHAIN_FILE',
    }),
    ...walletFlag,
    ...walletPasswordFlag,
  };
  #opened: OpenedChain | undefined;

  protected chainTarget(flags: ChainFlags): ChainTarget {
    const { 'rpc-url': rpcUrl, 'chain-file': chainFile, timeout: timeoutMs } = flags;
    return { ...this.target(flags), rpcUrl, chainFile, timeoutMs };
  }

  /** The chain; closed when the command ends. */
  protected async openChain(flags: ChainFlags): Promise<OpenedChain> {
    const { openWalletChain } = await import('./open.ts');
    const opened = await openWalletChain(this.chainTarget(flags));
    this.#opened = opened;
    return opened;
  }

  /** The wallet that the flags name, on that chain. */
  protected async openAccount(flags: AccountFlags): Promise<Account> {
    const { openAccount } = await import('./open.ts');
    const { wallet, 'password-stdin': passwordStdin } = flags;
    const target = { ...this.chainTarget(flags), wallet, passwordStdin, asking: this.asking(flags) };
    const account = await openAccount(target);
    this.#opened = account;
    return account;
  }

  protected submitOptions(flags: GlobalFlags): SubmitOptions {
    return { asking: this.asking(flags), quiet: flags.quiet, timeoutMs: flags.timeout };
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.#opened?.close();
    await super.finally(error);
  }
}
