import { RiosError, toRiosError } from '@rios/sdk/errors/error';

interface ForeignError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly path?: unknown;
  readonly oclif?: { readonly exit?: number };
  readonly flags?: unknown;
}

/** oclif appends this to its messages; our hint says it already. */
const SEE_MORE = /\nSee more help with --help\s*$/;

function fromParser(error: ForeignError): RiosError {
  const message = (error.message ?? '').replace(SEE_MORE, '');
  const code = Array.isArray(error.flags) ? 'USER_UNKNOWN_FLAG' : 'USER_INVALID_REQUEST';
  return new RiosError(code, message, { hint: 'See --help.', cause: error });
}

const FILE_PROBLEMS: Record<string, string> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is not in a directory',
  EISDIR: 'is a directory',
  EACCES: 'may not be read or written by you',
  EPERM: 'may not be read or written by you',
};

/** What the shell should be told about any thrown value: usage, prompts and files beside our own errors. */
export function toCliError(error: unknown): RiosError {
  if (error instanceof RiosError) return error;
  const foreign = (typeof error === 'object' && error !== null ? error : {}) as ForeignError;
  if (foreign.name === 'ExitPromptError') return new RiosError('USER_INTERRUPTED', 'interrupted');
  if (foreign.oclif?.exit === 2) return fromParser(foreign);
  const problem = typeof foreign.code === 'string' ? FILE_PROBLEMS[foreign.code] : undefined;
  if (problem !== undefined && typeof foreign.path === 'string') {
    return new RiosError('NOT_FOUND_FILE', `${foreign.path} ${problem}`, { cause: error });
  }
  return toRiosError(error);
}
