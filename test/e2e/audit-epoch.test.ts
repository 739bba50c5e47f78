import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLI_RESULTS } from '@rios/sdk/schema/cli-results';
import type { AuditReport, ReceiptsVerdict } from '@rios/sdk/schema/settlement-results';
import { expect } from 'chai';
import { lastJson, rios, riosError } from '../support/rios.ts';
import { type BuiltFile, type SettledChain, startSettledChain } from '../support/settled-chain.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';

describe('rios audit, with a file and an RPC alone', function () {
  this.timeout(120_000);
  let world: SettledChain;
  let folder: string;
  let home: string;
  let file: string;
  let built: BuiltFile;
  before(async () => {
    world = await startSettledChain();
    folder = await createTempFolder();
    home = join(folder, 'home');
    await mkdir(home);
    built = world.build();
    await world.publish(built);
    file = join(folder, 'epoch-1.receipts');
    await writeFile(file, built.text);
  });
  after(async () => {
    await world?.stop();
    await removeFolder(folder);
  });

  const env = () => ({ RIOS_HOME: home, HOME: home, RIOS_API_URL: '', RIOS_RPC_URL: '' });
  const run = (args: readonly string[]) => rios([...args, '--quiet'], { env: env() });
  const auditArgs = (path: string) => ['audit', '--epoch', '1', '--rpc-url', world.rpcUrl, '--file', path];
  const write = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };

  it('default: equal, in an empty home that stays empty', async () => {
    const { code, stdout, stderr } = await run([...auditArgs(file), '--json']);
    expect(code, stdout + stderr).to.equal(0);
    const report = CLI_RESULTS.audit.parse(lastJson<AuditReport>(stdout));

    expect(report).to.include({ equal: true, epoch: 1, findingsCount: 0 });
    expect(report.file).to.include({ sha256: built.written.sha256, payees: 3, receipts: 6 });
    expect(report.file.computed?.root).to.equal(report.chain?.publications[0]?.root);
    expect(await readdir(home)).to.deep.equal([]);
  });

  it('behaviour: for people it says so in one line, and which contract was asked', async () => {
    const { code, stdout } = await run(auditArgs(file));

    expect(code).to.equal(0);
    expect(stdout).to.contain('\nequal: epoch 1 ').and.contain(world.addresses.rewards.toLowerCase());
  });

  it('behaviour: exit 10 when something differs, with where', async () => {
    const lines = built.text.split('\n');
    const path = await write(
      'altered',
      lines.with(1, (lines[1] ?? '').replace('"earnedWei":"', '"earnedWei":"1')).join('\n'),
    );
    const { code, stdout } = await run(auditArgs(path));

    expect(code).to.equal(10);
    expect(stdout)
      .to.contain('not equal')
      .and.match(/\n2 +sum /);
    expect((await run(auditArgs(await write('cut', built.text.slice(0, 900))))).code).to.equal(10);
    expect((await run(auditArgs(await write('empty', '')))).code).to.equal(10);
  });

  it('behaviour: a file of 20 GiB without a line is given up at once', async () => {
    const path = await write('huge', '');
    await truncate(path, 20 * 1024 ** 3);
    const startedAt = performance.now();
    const { code, stdout } = await run(auditArgs(path));

    expect(code).to.equal(10);
    expect(stdout).to.contain('a line is longer than');
    expect(performance.now() - startedAt).to.be.below(20_000);
  });

  it('option: --earlier: a ticket that was paid for in an earlier epoch too', async () => {
    const other = await write('other', world.build({ epoch: 9 }).text);
    const clean = await run([...auditArgs(file), '--earlier', other]);
    const doubled = await run([...auditArgs(file), '--earlier', other, '--earlier', file, '--json']);

    expect(clean.code, clean.stdout).to.equal(0);
    const report = CLI_RESULTS.audit.parse(lastJson<AuditReport>(doubled.stdout));
    expect([doubled.code, report.equal, report.findingsCount]).to.deep.equal([10, false, 6]);
    expect(report.findings.map(({ kind }) => kind)).to.deep.equal(Array(6).fill('doubled'));
  });

  it('default: rios receipt verify asks nobody', async () => {
    const good = await run(['receipt', 'verify', file, '--json']);
    const bad = await run(['receipt', 'verify', await write('half', built.text.slice(0, 700)), '--json']);

    const verdict = CLI_RESULTS['receipt:verify'].parse(lastJson<ReceiptsVerdict>(good.stdout));
    expect([good.code, verdict.ok]).to.deep.equal([0, true]);
    const refused = lastJson<ReceiptsVerdict>(bad.stdout);
    expect([bad.code, refused.ok, refused.findings[0]?.kind]).to.deep.equal([10, false, 'form']);
  });

  it('error NOT_FOUND_FILE, USER_INVALID_REQUEST: no file, a folder, no RPC', async () => {
    const error = (args: readonly string[]) => riosError(args, { env: env() });

    expect((await error(auditArgs(join(folder, 'none')))).code).to.equal('NOT_FOUND_FILE');
    expect((await error(auditArgs(folder))).code).to.equal('USER_INVALID_REQUEST');
    expect((await error(['audit', '--epoch', '1', '--file', file])).exit).to.equal(2);
    expect((await error(['audit', '--epoch', '0', '--file', file, '--rpc-url', world.rpcUrl])).exit).to.equal(
      2,
    );
    const gone = ['audit', '--epoch', '1', '--file', file, '--rpc-url', 'http://127.0.0.1:9'];
    expect((await error(gone)).exit).to.equal(12);
  });
});
