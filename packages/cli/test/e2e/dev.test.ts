import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunReport } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';
import { startDev, TINY_MOE } from '../support/dev-network.ts';
import { eventually, processesWith } from '../support/processes.ts';
import { BIN, jsonOf, runCli, temporaryDirectory } from '../support/run-cli.ts';

const rios = (args: string) => `'${process.execPath}' '${BIN}' ${args}`;

describe('rios dev', function () {
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

  const dev = (...args: string[]) =>
    runCli(['dev', '--data-dir', dataDir, ...args], { env: { RIOS_HOME: join(place.path, 'home') } });

  it('default', async () => {
    const reference = JSON.parse(await readFile(join(TINY_MOE, 'reference.json'), 'utf8'));
    const [given] = reference.cases as [{ ids: number[]; greedy: number[] }];
    const ask = rios(
      `run tiny-moe --ids '${JSON.stringify(given.ids)}' --max-tokens 8 --temperature 0 --json`,
    );

    const result = await dev('--model', TINY_MOE, '--shape', 'island', '--spread', '--exec', ask);

    expect(result.code, result.stderr).to.equal(0);
    const report = jsonOf<RunReport>(result);
    expect(report.shape).to.equal('island');
    expect(report.ids).to.deep.equal(given.greedy.slice(0, 8));
    expect(report.workers.filter((worker) => worker.expertCalls > 0)).to.have.length(3);
    expect(await readdir(place.path)).to.deep.equal(['network']);
  });

  it('option: exec sets the environment of RiOS and of OpenAI clients, and its code is ours', async () => {
    const names = [
      'RIOS_API_URL',
      'RIOS_API_TOKEN',
      'RIOS_HOME',
      'OPENAI_BASE_URL',
      'OPENAI_API_KEY',
      'RIOS_MAIL_DIR',
    ];
    const script = `${names.map((name) => `echo $${name}`).join('; ')}; exit 7`;

    const { code, stdout } = await dev('--workers', '1', '--exec', script);

    const [apiUrl, token, home, openaiUrl, openaiKey, mailDir] = stdout.trim().split('\n');
    expect(code).to.equal(7);
    expect(apiUrl).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(openaiUrl).to.equal(`${apiUrl}/v1`);
    expect(home).to.equal(join(dataDir, 'home'));
    expect(token).to.have.length.greaterThan(20);
    expect(openaiKey).to.equal(token);
    expect(mailDir).to.equal(join(dataDir, 'orchestrator', 'mail'));
  });

  it('behaviour: several with exec at once, each in a directory that goes away', async () => {
    const before = await readdir(tmpdir());
    const results = await Promise.all(
      [3, 4].map((code) =>
        runCli(['dev', '--workers', '1', '--exec', `${rios('status --json')} && exit ${code}`]),
      ),
    );

    expect(results.map(({ code }) => code)).to.deep.equal([3, 4]);
    const networks = results.map((result) => jsonOf<{ networkId: string }>(result).networkId);
    expect(new Set(networks).size).to.equal(2);
    expect(
      (await readdir(tmpdir())).filter((name) => name.startsWith('rios-dev-') && !before.includes(name)),
    ).to.deep.equal([]);
  });

  it('behaviour: one Ctrl-C stops all; a second start reuses identities and splits', async () => {
    const first = await startDev(['--data-dir', dataDir, '--workers', '1', '--model', TINY_MOE], place.path);
    first.child.kill('SIGINT');
    const ended = await first.done;
    const left = await processesWith(dataDir);
    const again = await startDev(['--data-dir', dataDir, '--workers', '1', '--model', TINY_MOE], place.path);
    again.child.kill('SIGTERM');
    const endedAgain = await again.done;

    expect([ended.code, endedAgain.code]).to.deep.equal([0, 0]);
    expect(left).to.deep.equal([]);
    expect(again.ready.workers).to.deep.equal(first.ready.workers);
    expect(again.ready.networkId).to.equal(first.ready.networkId);
    expect(ended.stderr).to.include('Writing weights');
    expect(endedAgain.stderr).not.to.include('Writing weights');
  });

  it('error CONFLICT_IN_USE: two on one data directory', async () => {
    const first = await startDev(['--data-dir', dataDir, '--workers', '1'], place.path);

    const second = await dev('--workers', '1', '--json');
    first.child.kill('SIGINT');
    await first.done;

    expect(second.code).to.equal(6);
    expect(jsonOf(second).error).to.include({ code: 'CONFLICT_IN_USE' });
    expect(jsonOf(second).error.message).to.include(String(first.child.pid));
  });

  it('behaviour: a killed rios dev takes its processes with it', async () => {
    const { child, done } = await startDev(['--data-dir', dataDir, '--workers', '1'], place.path);
    // itself, the orchestrator, the chain, the worker
    expect(await processesWith(dataDir)).to.have.length(4);

    child.kill('SIGKILL');
    await done;

    await eventually(async () => (await processesWith(dataDir)).length === 0);
  });

  it('behaviour: a worker that dies is told on, and the network stays', async () => {
    const { child, done, ready } = await startDev(['--data-dir', dataDir, '--workers', '2'], place.path);
    const [victim] = await processesWith(join(dataDir, 'workers', 'worker-2'));
    process.kill(victim ?? 0, 'SIGKILL');

    const env = {
      RIOS_API_URL: ready.apiUrl,
      RIOS_API_TOKEN: (await readFile(ready.tokenFile, 'utf8')).trim(),
    };
    const events = async () => (await runCli(['status', '--json'], { env })).stdout;
    await eventually(async () => (await events()).includes('worker.lost'));
    child.kill('SIGINT');
    const { code, stderr } = await done;

    expect(code).to.equal(0);
    expect(stderr).to.include('worker-2 ended');
  });

  it("error of the orchestrator: its end is ours, and the workers' too", async () => {
    const { done } = await startDev(['--data-dir', dataDir, '--workers', '1'], place.path);
    const [victim] = await processesWith(join(dataDir, 'orchestrator'));
    process.kill(victim ?? 0, 'SIGKILL');

    const { code, stdout } = await done;

    expect(code).to.equal(9);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '').error.message).to.include('orchestrator ended');
  });

  it('error NOT_FOUND_FILE: a model that is not there; what was started is stopped', async () => {
    const result = await dev('--workers', '1', '--model', join(place.path, 'nothing'), '--json');

    expect(result.code).to.equal(5);
    expect(jsonOf(result).error.code).to.equal('NOT_FOUND_FILE');
  });
});
