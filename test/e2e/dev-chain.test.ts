import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { HDNodeWallet } from 'ethers';
import { killDevChain } from '../kill/kill-dev-chain.ts';
import { callRpc } from '../support/json-rpc.ts';
import { type LineProcess, startProcess } from '../support/line-process.ts';
import { RIOS_ORCHESTRATOR } from '../support/rios.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';

/** Issue: from the start of the process until its contracts are deployed. */
const MAX_READY_MS = 2000;
const KILLS = 5;

describe('rios-orchestrator chain', function () {
  this.timeout(120_000);
  let folder: string;
  const running: LineProcess[] = [];
  beforeEach(async () => {
    folder = await createTempFolder();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop()));
    await removeFolder(folder);
  });
  const start = (dataDir = folder, ...args: string[]) => {
    const chain = startProcess(RIOS_ORCHESTRATOR, ['chain', '--data-dir', dataDir, ...args]);
    running.push(chain);
    return chain;
  };

  it(`default: ready within ${MAX_READY_MS} ms, contracts deployed`, async () => {
    const tookMs: number[] = [];
    for (let round = 0; round < 3; round++) {
      const begun = performance.now();
      const chain = start(join(folder, String(round)));
      const { addresses, rpcUrl } = await chain.waitFor('ready');
      tookMs.push(performance.now() - begun);
      for (const address of Object.values(addresses as Record<string, string>)) {
        const { result } = await callRpc(String(rpcUrl), 'eth_getCode', [address, 'latest']);
        expect(String(result).length, address).to.be.greaterThan(1000);
      }
      await chain.stop();
    }
    expect(Math.min(...tookMs), String(tookMs)).to.be.below(MAX_READY_MS);
  });

  it('behaviour: stopped and started again, it is the same chain elsewhere', async () => {
    const first = await start().waitFor('ready');
    const ended = await running[0]?.stop();
    expect(ended).to.deep.equal({ code: 0, signal: null });
    expect(await stat(join(folder, 'chain.json')).catch(() => 'gone')).to.equal('gone');

    const { addresses, accounts, head } = await start().waitFor('ready');
    expect({ addresses, accounts, head }).to.deep.equal({
      addresses: first.addresses,
      accounts: first.accounts,
      head: first.head,
    });
  });

  it('behaviour: no secret leaves it: not to its output, nor to its chain file', async () => {
    const chain = start(folder, '--log-level', 'debug');
    const { accounts } = await chain.waitFor('ready');
    const mnemonic = (await readFile(join(folder, 'chain.mnemonic'), 'utf8')).trim();
    const wallet = HDNodeWallet.fromPhrase(mnemonic);
    const told = `${JSON.stringify(chain.events)}${chain.log()}${await readFile(join(folder, 'chain.json'), 'utf8')}`;

    expect((accounts as Record<string, string>).deployer).to.equal(wallet.address);
    expect(told).to.not.contain(mnemonic);
    expect(told).to.not.contain(mnemonic.split(' ').slice(0, 3).join(' '));
    expect(told).to.not.contain(wallet.privateKey.slice(2));
    expect((await stat(join(folder, 'chain.mnemonic'))).mode & 0o777).to.equal(0o600);
  });

  it('error CONFLICT_IN_USE: two processes on one journal; the first goes on', async () => {
    const first = start();
    const { rpcUrl } = await first.waitFor('ready');
    const second = start();

    const { error } = await second.waitFor('error');
    expect(error).to.include({ code: 'CONFLICT_IN_USE' });
    expect(await second.whenExited).to.include({ code: 6 });
    expect(await callRpc(String(rpcUrl), 'eth_chainId')).to.deep.equal({ result: '0x7a69' });
  });

  it('error CONFLICT_IN_USE: a port that is taken', async () => {
    const { rpcUrl } = await start(join(folder, 'a')).waitFor('ready');
    const second = start(join(folder, 'b'), '--port', new URL(String(rpcUrl)).port);

    expect((await second.waitFor('error')).error).to.include({ code: 'CONFLICT_IN_USE' });
  });

  it('error CHAIN_JOURNAL: the journal of another database, or without its mnemonic', async () => {
    const first = start(folder, '--store-id', 'store_0123456789');
    await first.waitFor('ready');
    await first.stop();

    const foreign = start(folder, '--store-id', 'store_9876543210');
    const { error } = await foreign.waitFor('error');
    expect(error).to.include({ code: 'CHAIN_JOURNAL' });
    expect(error).to.have.property('hint').that.contains('rios dev reset');
    expect(await foreign.whenExited).to.include({ code: 12 });
    await rm(join(folder, 'chain.mnemonic'));
    const bare = start(folder, '--store-id', 'store_0123456789');
    expect((await bare.waitFor('error')).error).to.include({ code: 'CHAIN_JOURNAL' });
  });

  for (const [args, code] of [
    [['--port', '70000'], 'USER_INVALID_REQUEST'],
    [['--port', '-1'], 'USER_INVALID_REQUEST'],
    [['--store-id', 'x y'], 'USER_INVALID_REQUEST'],
    [['--host', '0.0.0.0'], 'USER_UNKNOWN_FLAG'],
  ] as const) {
    it(`error ${code}: ${args.join(' ')}`, async () => {
      const failed = start(folder, `${args[0]}=${args[1]}`);

      expect((await failed.waitFor('error')).error).to.include({ code });
      expect(await failed.whenExited).to.include({ code: 2 });
    });
  }

  it(`behaviour: ${KILLS} kills while transactions are sent lose none that was acknowledged`, async () => {
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    const { wrong, acknowledged } = await killDevChain({ dataDir: folder, kills: KILLS, seed: 5, log });

    expect(wrong, lines.join('\n')).to.deep.equal([]);
    expect(acknowledged, lines.join('\n')).to.be.greaterThan(10);
  });
});
