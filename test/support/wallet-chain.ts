import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainFile, parseChainFile } from '@rios/sdk/chain/chain-file';
import { startProcess } from './line-process.ts';
import { RIOS_ORCHESTRATOR, rios, riosError, riosJson } from './rios.ts';
import { createTempFolder, removeFolder } from './temp-folder.ts';

/** A real dev chain, and a user with a wallet in a file, as `rios` processes see them. */
export interface WalletChain {
  readonly folder: string;
  readonly file: ChainFile;
  readonly chainFile: string;
  /** Of the wallet. */
  readonly address: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs `rios … --json --yes`, which must succeed. */
  json<T>(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<T>;
  /** The same, which must fail. */
  error(args: readonly string[], env?: NodeJS.ProcessEnv): ReturnType<typeof riosError>;
  /** Without --json and --yes. */
  plain(args: readonly string[], env?: NodeJS.ProcessEnv): ReturnType<typeof rios>;
  /** A chain file that differs from the real one. */
  writeChainFile(changes: Partial<ChainFile>): Promise<string>;
  stop(): Promise<void>;
}

const TIMEOUT_MS = 60_000;

export async function startWalletChain(): Promise<WalletChain> {
  const folder = await createTempFolder();
  const dataDir = join(folder, 'chain');
  await mkdir(dataDir, { mode: 0o700 });
  const chain = startProcess(RIOS_ORCHESTRATOR, ['chain', '--data-dir', dataDir, '--port', '0']);
  try {
    await chain.waitFor('ready');
    const chainFile = join(dataDir, 'chain.json');
    const file = parseChainFile(await readFile(chainFile, 'utf8'), chainFile);
    const password = join(folder, 'password');
    await writeFile(password, `${randomBytes(18).toString('base64')}\n`, { mode: 0o600 });
    const env = {
      RIOS_HOME: join(folder, 'home'),
      RIOS_KEYSTORE: 'file',
      RIOS_WALLET_PASSWORD_FILE: password,
      RIOS_CHAIN_FILE: chainFile,
      RIOS_RPC_URL: '',
      RIOS_API_URL: '',
    };
    const options = (extra: NodeJS.ProcessEnv = {}) => ({ env: { ...env, ...extra }, timeoutMs: TIMEOUT_MS });
    const { address } = await riosJson<{ address: string }>(['wallet', 'create', 'mine'], options());
    return {
      folder,
      file,
      chainFile,
      address,
      env,
      json: (args, extra) => riosJson([...args, '--yes'], options(extra)),
      error: (args, extra) => riosError([...args, '--yes'], options(extra)),
      plain: (args, extra) => rios(args, options(extra)),
      writeChainFile: async (changes) => {
        const path = join(folder, `chain-${randomBytes(4).toString('hex')}.json`);
        await writeFile(path, JSON.stringify({ ...file, ...changes }));
        return path;
      },
      stop: async () => {
        await chain.stop();
        await removeFolder(folder);
      },
    };
  } catch (error) {
    await chain.stop();
    await removeFolder(folder);
    throw error;
  }
}
