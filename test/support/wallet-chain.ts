import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainFile, parseChainFile } from '@rios/sdk/chain/chain-file';
import { createKey } from '@rios/sdk/chain/create-key';
import { CLI_RESULTS } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';
import { callRpc } from './json-rpc.ts';
import { startProcess } from './line-process.ts';
import { RIOS_ORCHESTRATOR, rios, riosError, riosJson } from './rios.ts';
import type { Finished } from './run-script.ts';
import { createTempFolder, removeFolder } from './temp-folder.ts';

/** Somebody with a wallet in a home of his own, as `rios` processes see it. */
export interface WalletUser {
  readonly address: string;
  /** 0x and hex. */
  readonly privateKey: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs `rios … --json --yes`, which must succeed and print what its schema says. */
  json<T>(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<T>;
  /** The same, which must fail. */
  error(
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
  ): Promise<Awaited<ReturnType<typeof riosError>> & { details?: Record<string, unknown> }>;
  /** Without --json and --yes. */
  plain(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
}

/** A real dev chain in a process of its own. */
export interface WalletChain {
  readonly folder: string;
  readonly file: ChainFile;
  readonly chainFile: string;
  /** Words that the accounts of the chain come from. */
  readonly mnemonic: string;
  /** A new user; with ROS and coin unless `funded` is false. */
  user(funded?: boolean): Promise<WalletUser>;
  /** A chain file that differs from the real one. */
  writeChainFile(changes: Partial<ChainFile>): Promise<string>;
  advance(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

const TIMEOUT_MS = 60_000;

export async function startWalletChain(): Promise<WalletChain> {
  const folder = await createTempFolder();
  const dataDir = join(folder, 'chain');
  await mkdir(dataDir, { mode: 0o700 });
  const chain = startProcess(RIOS_ORCHESTRATOR, ['chain', '--data-dir', dataDir, '--port', '0']);
  const stop = async () => {
    await chain.stop();
    await removeFolder(folder);
  };
  try {
    await chain.waitFor('ready');
    const chainFile = join(dataDir, 'chain.json');
    const file = parseChainFile(await readFile(chainFile, 'utf8'), chainFile);
    const mnemonic = (await readFile(join(dataDir, 'chain.mnemonic'), 'utf8')).trim();
    return {
      folder,
      file,
      chainFile,
      mnemonic,
      user: (funded = true) => createUser(join(folder, randomBytes(4).toString('hex')), chainFile, funded),
      writeChainFile: async (changes) => {
        const path = join(folder, `chain-${randomBytes(4).toString('hex')}.json`);
        await writeFile(path, JSON.stringify({ ...file, ...changes }));
        return path;
      },
      advance: async (seconds) => {
        await callRpc(file.rpcUrl, 'evm_increaseTime', [seconds]);
        await callRpc(file.rpcUrl, 'evm_mine');
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createUser(folder: string, chainFile: string, funded: boolean): Promise<WalletUser> {
  await mkdir(folder, { mode: 0o700 });
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${randomBytes(18).toString('base64')}\n`, { mode: 0o600 });
  const home = join(folder, 'home');
  const env = {
    RIOS_HOME: home,
    RIOS_KEYSTORE: 'file',
    RIOS_WALLET_PASSWORD_FILE: passwordFile,
    RIOS_CHAIN_FILE: chainFile,
    RIOS_RPC_URL: '',
    RIOS_API_URL: '',
  };
  const options = (extra: NodeJS.ProcessEnv = {}) => ({ env: { ...env, ...extra }, timeoutMs: TIMEOUT_MS });
  const { privateKey, address } = createKey();
  await riosJson(['wallet', 'import', '--private-key', '--name', 'mine', '--use'], {
    ...options(),
    stdin: `${privateKey}\n`,
  });
  const user: WalletUser = {
    address,
    privateKey,
    home,
    env,
    json: async <T>(args: readonly string[], extra?: NodeJS.ProcessEnv) => {
      const value = await riosJson<T>([...args, '--yes'], options(extra));
      checkResult(args, value);
      return value;
    },
    error: async (args, extra) => {
      const { details, ...error } = await riosError([...args, '--yes'], options(extra));
      return details === undefined ? error : { ...error, details: details as Record<string, unknown> };
    },
    plain: (args, extra) => rios(args, options(extra)),
  };
  if (funded) await user.json(['wallet', 'faucet']);
  return user;
}

/** Fails unless the value is what the command's schema says, with no field beside it. */
function checkResult(args: readonly string[], value: unknown): void {
  const ids = [4, 3, 2, 1].map((count) => args.slice(0, count).join(':'));
  const id = ids.find((one): one is keyof typeof CLI_RESULTS => Object.hasOwn(CLI_RESULTS, one));
  if (id === undefined) throw new Error(`no schema for ${args.join(' ')}`);
  const parsed = CLI_RESULTS[id].safeParse(value);
  expect(parsed.error?.issues, `${id} --json`).to.equal(undefined);
  expect(parsed.data, `${id} --json has fields that its schema does not`).to.deep.equal(value);
}
