import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { RiosError } from '@rios/sdk/errors/error';
import { parseDuration } from './duration.ts';
import type { WhereToGo } from './print/where-to-go.ts';
import { type Progress, silentProgress } from './progress/progress.ts';
import { reportError } from './report-error.ts';

/** Flags that every command has. */
export interface GlobalFlags {
  readonly 'api-url'?: string | undefined;
  readonly context?: string | undefined;
  readonly quiet: boolean;
  readonly yes: boolean;
  readonly 'no-input': boolean;
  readonly 'password-file'?: string | undefined;
  readonly timeout?: number | undefined;
}

/** A flag whose value is a duration, in milliseconds once parsed. */
export const durationFlag = Flags.custom<number>({ parse: async (text) => parseDuration(text) });

const helpGroup = 'GLOBAL';
const GRACE_MS = 3000;

/**
 * What all commands share: data on stdout, everything else on stderr; `--json` everywhere; typed errors with
 * their exit code; Ctrl-C as an AbortSignal.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    // their variables are read where flag, environment and config meet: see sdk/config/connection
    'api-url': Flags.string({ summary: '[env: RIOS_API_URL] Address of the orchestrator.', helpGroup }),
    context: Flags.string({ summary: '[env: RIOS_CONTEXT] Context of config.yaml to use.', helpGroup }),
    quiet: Flags.boolean({ char: 'q', summary: 'No progress on stderr.', env: 'RIOS_QUIET', helpGroup }),
    yes: Flags.boolean({ char: 'y', summary: 'Answer yes to every question.', env: 'RIOS_YES', helpGroup }),
    'no-input': Flags.boolean({
      summary: 'Never ask: what is missing is an error. Implied in CI and without a terminal.',
      env: 'RIOS_NO_INPUT',
      helpGroup,
    }),
    events: Flags.boolean({
      summary: 'JSON lines on stdout: progress as it happens, then one line of type result. Implies --json.',
      helpGroup,
    }),
    'password-file': Flags.string({
      summary: '[env: RIOS_PASSWORD] File with the password of the stored secrets.',
      env: 'RIOS_PASSWORD_FILE',
      helpGroup,
    }),
    'no-color': Flags.boolean({ summary: 'No colours (as NO_COLOR=1).', helpGroup }),
    timeout: durationFlag({
      summary: 'How long to wait, for example 30s or 5m.',
      env: 'RIOS_TIMEOUT',
      helpGroup,
    }),
  };

  /** Commands that run children see to signals themselves. */
  protected readonly ownsSignals: boolean = false;
  readonly #stopping = new AbortController();
  #progress: Progress = silentProgress;
  #signalledExit: number | undefined;

  /** Aborted by Ctrl-C or SIGTERM. */
  protected get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  protected override async init(): Promise<void> {
    await super.init();
    if (this.id?.startsWith('wallet') === true) {
      const { refuseSecretArguments } = await import('./wallet/refuse-secrets.ts');
      refuseSecretArguments(this.id, this.argv);
    }
    if (this.argv.includes('--no-color')) {
      process.env.NO_COLOR = '1';
      delete process.env.FORCE_COLOR;
    }
    if (!this.ownsSignals) {
      process.once('SIGINT', () => this.#interrupt(130));
      process.once('SIGTERM', () => this.#interrupt(143));
    }
  }

  #interrupt(exitCode: number): void {
    this.#signalledExit = exitCode;
    this.#stopping.abort(new RiosError('USER_INTERRUPTED', 'interrupted'));
    setTimeout(() => process.exit(exitCode), GRACE_MS).unref();
    process.once('SIGINT', () => process.exit(exitCode));
  }

  /** Progress on stderr (under --events as JSON lines on stdout), ended when the command ends. */
  protected async progress(flags: GlobalFlags): Promise<Progress> {
    const { createProgress } = await import('./progress/create-progress.ts');
    const writeEvent = this.#eventsEnabled() ? (event: object) => this.logJson(event) : undefined;
    this.#progress = await createProgress({ quiet: flags.quiet, writeEvent });
    return this.#progress;
  }

  /** One line of JSON on stdout under --events; else nothing. */
  protected event(event: object): void {
    if (this.#eventsEnabled()) this.logJson(event);
  }

  /** Where a person has to go; said even with --quiet: without it nobody could go on. */
  protected tellWhere({ text, event }: WhereToGo): void {
    this.event(event);
    process.stderr.write(`${text}\n`);
  }

  #eventsEnabled(): boolean {
    const end = this.argv.indexOf('--');
    return (end === -1 ? this.argv : this.argv.slice(0, end)).includes('--events');
  }

  override jsonEnabled(): boolean {
    return super.jsonEnabled() || this.#eventsEnabled();
  }

  protected override toSuccessJson(result: unknown): unknown {
    return this.#eventsEnabled() ? { type: 'result', ...(result as object) } : result;
  }

  /** What decides whether a question may be asked. */
  protected asking(flags: GlobalFlags) {
    return { yes: flags.yes, json: this.jsonEnabled(), noInput: flags['no-input'] };
  }

  /** A client of the orchestrator that the flags, environment and config name. */
  protected async client(flags: GlobalFlags) {
    const { connect } = await import('./actions/connect.ts');
    return connect({ ...this.target(flags), timeoutMs: flags.timeout });
  }

  /** The same for calls that carry a password or a mailed token: by TLS, or to this machine. */
  protected async secretClient(flags: GlobalFlags) {
    const { reach } = await import('./actions/connect.ts');
    const { checkLoginAddress } = await import('./actions/login.ts');
    checkLoginAddress((await reach(this.target(flags))).connection.apiUrl);
    return this.client(flags);
  }

  /** Which orchestrator, and how the stored secrets are opened. */
  protected target(flags: GlobalFlags) {
    const { 'api-url': apiUrl, context, 'password-file': passwordFile, quiet } = flags;
    return { apiUrl, context, passwordFile, quiet };
  }

  /** Text for people on stdout; nothing under --json. */
  protected print(text: string): void {
    if (!this.jsonEnabled()) process.stdout.write(`${text}\n`);
  }

  /** Text for people on stderr, unless --quiet. */
  protected remark(text: string, flags: GlobalFlags): void {
    if (!flags.quiet) process.stderr.write(`${text}\n`);
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json)}\n`);
  }

  protected override async catch(error: Error): Promise<void> {
    this.#progress.fail();
    reportError(error, { json: this.jsonEnabled(), events: this.#eventsEnabled() });
    process.exitCode = this.#signalledExit ?? process.exitCode;
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.#progress.stop();
    await super.finally(error);
  }
}
