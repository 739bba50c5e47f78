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

/** Where the orchestrator of this machine keeps its master key. */
export const masterKeyFlag = {
  'master-key': Flags.option({
    options: ['file', 'keychain'] as const,
    env: 'RIOS_ORCHESTRATOR_MASTER_KEY',
    summary:
      'Where the master key is kept: master.key (default), or the keychain. RIOS_MASTER_KEY_FILE wins.',
  })(),
};

/** The passphrase of an archive, by a file. */
export const passphraseFlag = {
  'passphrase-file': Flags.string({
    summary: 'File with the passphrase of the archive; else RIOS_BACKUP_PASSPHRASE, or a question.',
  }),
};

/** What an API behind a proxy is told. */
export const proxyFlags = {
  'trusted-proxy': Flags.string({
    summary: 'Address or network of a proxy in front, whose X-Forwarded-For says who asks.',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'public-url': Flags.string({
    summary: 'https origin under which users reach the API, when a proxy is in front.',
  }),
};

/** Where an orchestrator serves applications: an origin of its own, never the API's. */
export const appsFlags = {
  'apps-port': Flags.integer({
    summary: 'Serve applications on this port; 0 for any. Without it none are served.',
    min: 0,
    max: 65_535,
  }),
  'apps-host': Flags.string({ summary: 'Address that applications are served on; loopback by default.' }),
  'apps-domain': Flags.string({
    summary: 'Domain of applications: each is at <name>.<domain>; localhost by default.',
  }),
  'apps-balance': Flags.option({
    options: ['round-robin', 'least-connections', 'latency'] as const,
    summary: 'Which replica of an application gets the next request; round-robin by default.',
  })(),
  'tunnel-port': Flags.integer({
    summary: 'Workers that reach this port bring the bytes of applications there; any free one by default.',
    min: 0,
    max: 65_535,
  }),
};

/** How often one account may call. */
export const rateFlags = {
  'rate-burst': Flags.integer({ summary: 'Calls of one account at once, 100 by default.', min: 1 }),
  'rate-per-second': Flags.integer({
    summary: 'Calls of one account in the long run, 10 a second by default.',
    min: 1,
  }),
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

/** Which time a report is of; this month by default. */
export const spanFlags = {
  month: Flags.string({ summary: 'A month (UTC) like 2026-11; this one by default.' }),
  from: Flags.string({ summary: 'First day, or a time, for example 2026-11-01.' }),
  to: Flags.string({ summary: 'Last day (it counts), or a time that does not; now by default.' }),
};

/** Files that say what an orchestrator works with. */
export const fileFlags = {
  'outside-logins': Flags.string({
    summary: 'File of logins by Google, GitHub or any OpenID Connect issuer (YAML or JSON, mode 0600).',
    env: 'RIOS_ORCHESTRATOR_OUTSIDE_LOGINS',
  }),
  'chain-file': Flags.string({
    summary: 'The chain that the network settles on, and its contracts (JSON).',
    env: 'RIOS_ORCHESTRATOR_CHAIN_FILE',
  }),
};

/** How an orchestrator settles on the chain. */
export const settlementFlags = {
  'settlement-key-file': Flags.string({
    summary: 'Key of the account that publishes and collects: a private key or a keystore, mode 0600.',
    env: 'RIOS_ORCHESTRATOR_SETTLEMENT_KEY_FILE',
  }),
  'gas-budget': Flags.string({
    summary: 'Most that its transactions of a day (UTC) may cost, in the coin of the chain, 0.5 by default.',
  }),
  'max-gas-price': Flags.string({ summary: 'Most for a unit of gas, in gwei, 200 by default.' }),
  'collect-after': Flags.integer({
    summary: 'Seconds that a voucher waits for others before it is collected, 3600 by default.',
    min: 0,
  }),
};
