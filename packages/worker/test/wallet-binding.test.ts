import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBindingFile, writeBindingFile } from '@rios/sdk/config/binding-file';
import { hasCode } from '@rios/sdk/errors/error';
import { type Log, silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { openWalletBinding } from '../src/wallet-binding.ts';

const BINDING = {
  wallet: `0x${'1'.repeat(40)}`,
  sequence: 5,
  statement: { payload: 'cGF5', signature: 'c2ln' },
};

describe('openWalletBinding', () => {
  let folder: string;
  let ownFile: string;
  let warned: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rios-binding-'));
    ownFile = join(folder, 'wallet-binding.json');
    warned = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  const log: Log = { ...silentLog, warn: (message) => warned.push(message) };
  const open = (namedFile?: string) => openWalletBinding({ ownFile, namedFile }, log);

  it('default: none before there is a file, then what it holds, without a restart', async () => {
    const read = await open();

    expect(await read()).to.equal(null);
    await writeBindingFile(ownFile, BINDING);
    expect(await read()).to.deep.equal(BINDING.statement);
    expect(await readBindingFile(ownFile)).to.deep.equal(BINDING);
    expect(warned).to.deep.equal([]);
  });

  it('behaviour: a binding that was taken back is said no more', async () => {
    await writeBindingFile(ownFile, { ...BINDING, statement: null });

    expect(await (await open())()).to.equal(null);
  });

  for (const [what, text] of [
    ['cut off', '{"format":"rios.wallet-bin'],
    ['of another kind', '{"format":"rios.chain/1"}'],
    ['huge', `{"format":"${'x'.repeat(100_000)}"}`],
    ['one with more in it', JSON.stringify({ format: 'rios.wallet-binding/1', ...BINDING, key: 'secret' })],
  ] as const) {
    it(`behaviour: a file that is ${what} is told, and the worker goes on without a wallet`, async () => {
      await writeFile(ownFile, text);

      expect(await (await open())()).to.equal(null);
      expect(warned).to.deep.equal(['the wallet binding cannot be read']);
      const named = await open(ownFile).catch((error: unknown) => error);
      expect(hasCode(named, 'USER_INVALID_REQUEST'), 'one that the operator named ends the start').to.equal(
        true,
      );
    });
  }

  it('error NOT_FOUND_FILE: a file that the operator named is not there', async () => {
    const error = await open(join(folder, 'other.json')).catch((found: unknown) => found);

    expect(hasCode(error, 'NOT_FOUND_FILE')).to.equal(true);
  });
});
