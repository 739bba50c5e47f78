import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainFile, formatChainFile } from '@rios/sdk/chain/chain-file';
import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { openChainSource } from '../../src/chain/chain-source.ts';
import { expectError } from '../support/expect-error.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

const address = (digit: string) => `0x${digit.repeat(40)}`;
const CHAIN: ChainFile = {
  format: 'rios.chain/1',
  chainId: 5,
  rpcUrl: 'https://chain.example',
  addresses: {
    token: address('1'),
    registry: address('2'),
    escrow: address('3'),
    rewards: address('4'),
    timelock: address('5'),
  },
  confirmations: 'finalized',
  isDevChain: false,
};

describe('openChainSource', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let file: string;
  beforeEach(async () => {
    directory = await createTempDirectory();
    file = join(directory.path, 'chain.json');
  });
  afterEach(() => directory.remove());
  const open = (rpcUrl?: string) => openChainSource({ file, rpcUrl }, silentLog);
  const write = (chain: object) => writeFile(file, JSON.stringify(chain));

  it('default: what the file says, and where the orchestrator asks', async () => {
    await writeFile(file, formatChainFile(CHAIN));
    const source = await open();

    expect(await source.describe()).to.deep.equal(CHAIN);
    expect(await source.find()).to.deep.equal({ file: CHAIN, rpcUrl: CHAIN.rpcUrl });
  });

  it('option: an RPC of the orchestrator’s own is told nobody', async () => {
    await write(CHAIN);
    const source = await open('https://secret@rpc.example/key');

    expect((await source.find())?.rpcUrl).to.equal('https://secret@rpc.example/key');
    expect(JSON.stringify(await source.describe())).to.not.contain('rpc.example');
  });

  it('behaviour: a file that comes, changes and goes while the orchestrator runs', async () => {
    const source = await open();
    await expectError(source.describe(), 'CHAIN_ABSENT');

    await write(CHAIN);
    expect(await source.describe()).to.deep.equal(CHAIN);
    await write({ ...CHAIN, chainId: 6 });
    expect(await source.describe()).to.include({ chainId: 6 });
    await writeFile(file, '{"format": "rios.ch');
    expect(await source.describe()).to.include({ chainId: 6 });
    await rm(file);
    await expectError(source.describe(), 'CHAIN_ABSENT');
  });

  it('error CHAIN_ABSENT: no file was named', async () => {
    const source = await openChainSource({ file: undefined, rpcUrl: undefined }, silentLog);

    expect(await source.find()).to.equal(undefined);
    await expectError(source.describe(), 'CHAIN_ABSENT');
  });

  for (const [what, text, field] of [
    ['no JSON', 'chain: 5', undefined],
    ['another format', JSON.stringify({ ...CHAIN, format: 'rios.chain/2' }), 'format'],
    [
      'no address',
      JSON.stringify({ ...CHAIN, addresses: { ...CHAIN.addresses, escrow: '0x12' } }),
      'addresses.escrow',
    ],
    ['a password', JSON.stringify({ ...CHAIN, rpcUrl: 'https://me:secret@chain.example' }), 'rpcUrl'],
    ['no http', JSON.stringify({ ...CHAIN, rpcUrl: 'file:///etc/passwd' }), 'rpcUrl'],
    ['a negative depth', JSON.stringify({ ...CHAIN, confirmations: -1 }), 'confirmations'],
    ['a field too many', JSON.stringify({ ...CHAIN, key: '0x00' }), ''],
    ['too much', ' '.repeat(70_000), undefined],
  ] as const) {
    it(`error USER_INVALID_REQUEST: at start, ${what}`, async () => {
      await writeFile(file, text);
      const error = await expectError(open(), 'USER_INVALID_REQUEST');

      expect(error.message).to.contain(file);
      expect(error.message).to.not.contain('secret');
      expect(error.details?.field).to.equal(field);
    });
  }
});
