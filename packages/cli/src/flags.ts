import * as Flags from '@oclif/core/flags';
import { RiosError } from '@rios/sdk/errors/error';

/** Where a worker or an orchestrator keeps its files; each has its own variable. */
export const dataDirFlag = (env: string) => ({
  'data-dir': Flags.string({ summary: 'Directory for all that it keeps.', env }),
});

/** Flags of the two programs that listen. */
export const listenFlags = {
  listen: Flags.string({
    summary: 'Address to listen on, a multiaddr; may be given again.',
    multiple: true,
    multipleNonGreedy: true,
  }),
  announce: Flags.string({
    summary: 'Address to tell others instead; may be given again.',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'log-level': Flags.option({
    options: ['debug', 'info', 'warn', 'error', 'silent'] as const,
    env: 'RIOS_LOG_LEVEL',
  })(),
};

/** A code that is worth nothing in a minute; what lasts longer may not stand on a command line. */
export const oneTimeCodeFlag = Flags.custom<string>({
  parse: async (text) => {
    if (/^\d{6}$/.test(text)) return text;
    throw new RiosError('USER_INVALID_REQUEST', '--code is not six digits', {
      hint: 'Give a recovery code as the second line of stdin: --password-stdin.',
    });
  },
});

/** A flag whose value is a decimal number. */
export const numberFlag = Flags.custom<number>({
  parse: async (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value)) return value;
    throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(text)} is not a number`);
  },
});
