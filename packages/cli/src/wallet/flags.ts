import * as Flags from '@oclif/core/flags';

/** Which wallet. */
export const walletFlag = {
  wallet: Flags.string({ summary: 'Name of the wallet; the one in use by default.', env: 'RIOS_WALLET' }),
};

/** How a wallet is opened where no keychain keeps its key; RIOS_WALLET_PASSWORD_FILE is the other way. */
export const walletPasswordFlag = {
  'password-stdin': Flags.boolean({
    summary:
      'Read the password of the wallet from the first line of stdin; else RIOS_WALLET_PASSWORD_FILE, or a question.',
  }),
};
