import { readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@rios/sdk/api/client';
import type { DevReset, DevTime } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';
import { startDev } from '../support/dev-network.ts';
import { eventually, processesWith } from '../support/processes.ts';
import { jsonOf, runCli, temporaryDirectory } from '../support/run-cli.ts';

const DAY_MS = 86_400_000;

describe('the chain of rios dev', function () {
  this.timeout(120_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let dataDir: string;
  beforeEach(async () => {
    place = await temporaryDirectory();
    dataDir = join(place.path, 'network');
  });
  afterEach(async () => {
    expect(await processesWith(place.path), 'processes left').to.deep.equal([]);
    await place.remove();
  });

  const start = (...args: string[]) =>
    startDev(['--data-dir', dataDir, '--workers', '1', ...args], place.path);
  const end = async ({ child, done }: Awaited<ReturnType<typeof start>>) => {
    child.kill('SIGINT');
    return done;
  };
  const clientOf = async ({ ready }: Awaited<ReturnType<typeof start>>) =>
    createClient({ apiUrl: ready.apiUrl, token: (await readFile(ready.tokenFile, 'utf8')).trim() });
  const reset = (...args: string[]) => runCli(['dev', 'reset', '--data-dir', dataDir, '--json', ...args]);
  const time = (advance: string, rpcUrl: string) =>
    runCli(['dev', 'time', `--advance=${advance}`, '--rpc-url', rpcUrl, '--json']);

  it('default: it is told by the ready line, by the orchestrator, and to what exec runs', async () => {
    const network = await start();
    const chain = await (await clientOf(network)).getChain({});
    await end(network);
    const script = 'echo $RIOS_RPC_URL; cat $RIOS_CHAIN_FILE';
    const exec = await runCli(['dev', '--data-dir', dataDir, '--workers', '1', '--exec', script]);
    const [rpcUrl, ...file] = exec.stdout.split('\n');

    expect(chain).to.include({ rpcUrl: network.ready.rpcUrl, isDevChain: true, chainId: 31_337 });
    expect(network.ready.chainFile).to.equal(join(dataDir, 'chain', 'chain.json'));
    expect(JSON.parse(file.join('\n'))).to.deep.equal({ ...chain, rpcUrl });
    expect(await readdir(join(dataDir, 'chain'))).to.not.include('chain.json');
  });

  it('option: --no-chain', async () => {
    const network = await start('--no-chain');
    const failure = await (await clientOf(network)).getChain({}).catch((error: unknown) => error);
    await end(network);

    expect(network.ready).to.include({ rpcUrl: null, chainFile: null });
    expect(failure).to.have.property('code', 'CHAIN_ABSENT');
    expect(await readdir(dataDir)).to.not.include('chain');
  });

  it('behaviour: one that dies is told, and the network stays', async () => {
    const network = await start();
    const [victim] = await processesWith(`--data-dir=${join(dataDir, 'chain')}`);
    process.kill(victim ?? 0, 'SIGKILL');
    const client = await clientOf(network);
    await eventually(async () => (await processesWith(`--data-dir=${join(dataDir, 'chain')}`)).length === 0);

    expect(await client.health({})).to.deep.equal({ ok: true });
    const { code, stderr } = await end(network);
    expect(code).to.equal(0);
    expect(stderr).to.include('chain ended');
  });

  it('behaviour: where the engine has no binary the network works without, and says so', async () => {
    const env = { NAPI_RS_NATIVE_LIBRARY_PATH: join(place.path, 'nothing.node') };
    const args = ['dev', '--data-dir', dataDir, '--workers', '1', '--exec', 'echo "[$RIOS_RPC_URL]"'];
    const { code, stdout, stderr } = await runCli(args, { env });

    expect(code, stderr).to.equal(0);
    expect(stdout.trim()).to.equal('[]');
    expect(stderr).to.include('no dev chain').and.include('no binary');
  });

  it('behaviour: rios dev time moves its clock, by the orchestrator’s word or by --rpc-url', async () => {
    const network = await start();
    const env = {
      RIOS_API_URL: network.ready.apiUrl,
      RIOS_API_TOKEN: (await readFile(network.ready.tokenFile, 'utf8')).trim(),
    };
    const first = jsonOf<DevTime>(await runCli(['dev', 'time', '--advance', '8d', '--json'], { env }));
    const second = jsonOf<DevTime>(await time('1h', network.ready.rpcUrl ?? ''));
    await end(network);

    expect(first.advancedSeconds * 1000).to.equal(8 * DAY_MS);
    expect(first.time - Date.now()).to.be.within(8 * DAY_MS - 60_000, 8 * DAY_MS + 60_000);
    expect(second.time - first.time).to.be.within(3_600_000, 3_660_000);
    expect(second.height).to.equal(first.height + 1);
  });

  for (const advance of ['-1d', '0', '10ms', 'soon', '9999d']) {
    it(`error USER_INVALID_REQUEST: dev time --advance=${advance}`, async () => {
      const result = await time(advance, 'http://127.0.0.1:1');

      expect(jsonOf(result).error).to.include({ code: 'USER_INVALID_REQUEST' });
    });
  }

  it('error USER_INVALID_REQUEST: dev time, where --rpc-url is no address', async () => {
    expect(jsonOf(await time('1d', 'nonsense')).error).to.include({ code: 'USER_INVALID_REQUEST' });
  });

  it('error CHAIN_UNREACHABLE: dev time, where nothing answers', async () => {
    const result = await time('1d', 'http://127.0.0.1:1');

    expect(jsonOf(result).error).to.include({ code: 'CHAIN_UNREACHABLE' });
    expect(result.code).to.equal(12);
  });

  for (const [what, body, code] of [
    [
      'a chain whose time nobody moves',
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}',
      'CHAIN_UNSUPPORTED',
    ],
    ['something else than a chain', '<html>', 'CHAIN_BAD_ANSWER'],
    ['half an answer', '{"jsonrpc":"2.0","id":1,"result":{"number":"0x1"}}', 'CHAIN_BAD_ANSWER'],
    ['an endless answer', `"${'x'.repeat(2_000_000)}"`, 'CHAIN_BAD_ANSWER'],
  ] as const) {
    it(`error ${code}: dev time, ${what}`, async () => {
      const server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const result = await time('1d', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      server.close();
      server.closeAllConnections();

      expect(jsonOf(result).error).to.include({ code });
    });
  }

  describe('rios dev reset', () => {
    it('default: chain and database go together, workers stay; the next start begins anew', async () => {
      const first = await start();
      const before = await (await clientOf(first)).getChain({});
      expect(jsonOf(await reset('--yes')).error).to.include({ code: 'CONFLICT_IN_USE' });
      await end(first);
      expect(jsonOf(await reset()).error).to.include({ code: 'USER_CONFIRMATION_NEEDED' });
      const removed = jsonOf<DevReset>(await reset('--yes'));
      const left = await readdir(dataDir);
      const second = await start();
      const after = await (await clientOf(second)).getChain({});
      await end(second);

      expect(removed).to.deep.equal({ dataDir, removed: ['orchestrator', 'chain'] });
      expect(left).to.include('workers').and.not.include('chain').and.not.include('orchestrator');
      expect(left).to.not.include('.removed');
      expect(after.addresses.token).to.not.equal(before.addresses.token);
      expect(second.ready.networkId).to.not.equal(first.ready.networkId);
      expect(second.ready.workers).to.deep.equal(first.ready.workers);
    });

    it('behaviour: a second start without it has the same chain', async () => {
      const addresses = [];
      for (let round = 0; round < 2; round++) {
        const network = await start();
        addresses.push((await (await clientOf(network)).getChain({})).addresses);
        await end(network);
      }

      expect(addresses[1]).to.deep.equal(addresses[0]);
    });

    it('error CHAIN_JOURNAL: a chain whose database is gone; the hint is this command, and it helps', async () => {
      await end(await start());
      const orchestrator = join(dataDir, 'orchestrator');
      for (const name of await readdir(orchestrator)) {
        if (name.startsWith('rios.db')) await rm(join(orchestrator, name));
      }
      const refused = await runCli(['dev', '--data-dir', dataDir, '--workers', '1', '--json']);

      expect(jsonOf(refused).error).to.include({ code: 'CHAIN_JOURNAL' });
      expect(jsonOf(refused).error.message).to.include('another storeId');
      expect(jsonOf(refused).error.hint).to.include('rios dev reset');
      await reset('--yes');
      await end(await start());
    });

    it('error NOT_FOUND: no network there; nothing is made', async () => {
      expect(jsonOf(await reset('--yes')).error).to.include({ code: 'NOT_FOUND' });
      expect(await readdir(place.path)).to.not.include('network');
    });

    it('error USER_INVALID_REQUEST: a database that others may use', async () => {
      const env = { DATABASE_URL: 'postgres://me:secret@localhost/rios' };
      const result = await runCli(['dev', 'reset', '--data-dir', dataDir, '--yes', '--json'], { env });

      expect(jsonOf(result).error).to.include({ code: 'USER_INVALID_REQUEST' });
      expect(`${result.stdout}${result.stderr}`).to.not.include('secret');
    });
  });
});
