import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../config/atomic-write.ts';
import type { Home } from '../config/home.ts';
import { withLock } from '../config/with-lock.ts';
import type { SecretStore } from '../crypto/secret-store.ts';
import { RiosError } from '../errors/error.ts';
import { amountSchema, countSchema, timeSchema } from '../schema/common.ts';
import { ethereumAddressSchema } from '../schema/wallet.ts';

/** A key that may spend from a deposit up to a cap until an end, so that a run need not unlock the wallet. */
export interface SessionKey {
  /** Whose deposit it spends. */
  readonly payer: string;
  /** Of the session key itself. */
  readonly address: string;
  readonly privateKey: string;
  readonly chainId: number;
  /** The escrow contract that knows it. */
  readonly escrow: string;
  readonly capWei: bigint;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What may be shown of one. */
export type SessionKeyView = Omit<SessionKey, 'privateKey'>;

/** Session keys of this machine, in the keychain or the encrypted file that also keeps logins. */
export interface SessionKeys {
  /** Without their keys; expired ones too. */
  list(): Promise<SessionKeyView[]>;
  /** @throws RiosError WALLET_KEYSTORE when its key is gone from the store */
  get(address: string): Promise<SessionKey | undefined>;
  /** Replaces one of the same address. */
  add(session: SessionKey): Promise<void>;
  /** True when there was one. */
  remove(address: string): Promise<boolean>;
}

const recordSchema = z.strictObject({
  payer: ethereumAddressSchema,
  address: ethereumAddressSchema,
  chainId: countSchema,
  escrow: ethereumAddressSchema,
  capWei: amountSchema,
  expiresAt: timeSchema,
});
type Row = z.infer<typeof recordSchema>;
const fileSchema = z.strictObject({
  format: z.literal('rios.session-keys/1'),
  sessions: z.array(recordSchema),
});

const secretNameOf = (address: string) => `session-key:${address.toLowerCase()}`;
const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
const toView = (row: Row): SessionKeyView => ({ ...row, capWei: BigInt(row.capWei) });

async function readRows(file: string): Promise<Row[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return [];
  try {
    return fileSchema.parse(JSON.parse(text)).sessions;
  } catch (cause) {
    throw new RiosError('WALLET_KEYSTORE', `${file} is damaged, or of a newer rios`, {
      hint: 'Move it away, and make new session keys: rios wallet session create.',
      details: { file },
      cause,
    });
  }
}

const writeRows = (file: string, sessions: readonly Row[]) =>
  writeFileAtomic(file, `${JSON.stringify({ format: 'rios.session-keys/1', sessions }, null, 2)}\n`);

/** Opens them; nothing is read before it is needed. Two processes that change them take turns. */
export function openSessionKeys(options: {
  readonly home: Pick<Home, 'sessionKeysFile'>;
  readonly openStore: () => Promise<SecretStore>;
}): SessionKeys {
  const { openStore } = options;
  const file = options.home.sessionKeysFile;
  const alone = <T>(work: () => Promise<T>) => withLock(dirname(file), 'session-keys', work);
  const find = async (address: string) => (await readRows(file)).find((row) => isSame(row.address, address));
  const others = async (address: string) =>
    (await readRows(file)).filter((row) => !isSame(row.address, address));

  return {
    list: async () => (await readRows(file)).map(toView),
    async get(address) {
      const row = await find(address);
      if (row === undefined) return undefined;
      const privateKey = await (await openStore()).get(secretNameOf(address));
      if (privateKey !== undefined) return { ...toView(row), privateKey };
      throw new RiosError(
        'WALLET_KEYSTORE',
        `the key of session ${row.address} is not in the store of secrets`,
        {
          hint: 'Revoke it and make another: rios wallet session create.',
        },
      );
    },
    add: ({ privateKey, ...view }) =>
      alone(async () => {
        // the key first: a row without a key would be of no use
        await (await openStore()).set(secretNameOf(view.address), privateKey);
        await writeRows(file, [...(await others(view.address)), { ...view, capWei: String(view.capWei) }]);
      }),
    remove: (address) =>
      alone(async () => {
        const row = await find(address);
        if (row === undefined) return false;
        await writeRows(file, await others(address));
        await (await openStore()).delete(secretNameOf(address));
        return true;
      }),
  };
}
