import * as Flags from '@oclif/core/flags';
import { RiosError } from '@rios/sdk/errors/error';
import type { TransactionReport } from '@rios/sdk/schema/money-results';
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

/** Flags of commands that send a transaction. */
export interface SendFlags extends GlobalFlags {
  readonly 'max-fee'?: bigint | undefined;
}

/** A fee for a unit of gas in gwei, as wei. */
const gweiFlag = Flags.custom<bigint>({
  parse: async (text) => {
    const [, whole, fraction = ''] = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
    if (whole !== undefined) return BigInt(whole + fraction.padEnd(9, '0'));
    throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(text)} is no fee`, {
      hint: 'Write gwei for a unit of gas, for example --max-fee 1.5.',
    });
  },
});

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
  /** For `static flags` of commands that send a transaction. */
  protected static readonly feeFlag = {
    'max-fee': gweiFlag({ summary: 'The most to pay for a unit of gas, in gwei of the chain’s coin.' }),
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

  /** The chain and an account to look at: the one given, else the wallet's; no key is needed. */
  protected async openFor(
    given: string | undefined,
    flags: AccountFlags,
  ): Promise<{ readonly opened: OpenedChain; readonly address: string }> {
    const address = given === undefined ? await this.#ownAddress(flags) : await this.#checked(given);
    return { opened: await this.openChain(flags), address };
  }

  async #ownAddress({ wallet, quiet }: AccountFlags): Promise<string> {
    const { findWallet } = await import('./unlock.ts');
    return (await findWallet({ wallet, quiet })).address;
  }

  async #checked(given: string): Promise<string> {
    const { parseAccountAddress } = await import('../actions/wallet/account-address.ts');
    return parseAccountAddress(given);
  }

  protected submitOptions(flags: SendFlags): SubmitOptions {
    const { quiet, timeout: timeoutMs, 'max-fee': maxFeePerGas } = flags;
    return { asking: this.asking(flags), quiet, timeoutMs, maxFeePerGas, signal: this.signal };
  }

  /** The session keys of this user. */
  protected async sessionKeys({ 'password-file': passwordFile, quiet }: GlobalFlags) {
    const { openUserSessionKeys } = await import('./unlock.ts');
    return openUserSessionKeys({ passwordFile, quiet });
  }

  protected async printSent<T extends { readonly transaction: TransactionReport }>(report: T): Promise<T> {
    const { formatSent } = await import('../print/money.ts');
    this.print(formatSent(report.transaction));
    return report;
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.#opened?.close();
    await super.finally(error);
  }
}
