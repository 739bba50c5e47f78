import { readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { rios } from '../support/rios.ts';
import { ROOT } from '../support/run-script.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { readReferenceCase } from '../support/tiny-moe.ts';

const MAX_LINES = 40;
const COMMAND = /^(?:\/\/|#) npx rios dev (.*?)--exec '(.+)'$/;

/** Every example: a folder with one program whose first line is the command that runs it. */
async function listExamples() {
  const folders = (await readdir(join(ROOT, 'examples'))).filter((name) => /^\d\d-/.test(name));
  return Promise.all(
    folders.map(async (folder) => {
      const [file = ''] = (await readdir(join(ROOT, 'examples', folder))).filter(
        (name) => !name.endsWith('.md'),
      );
      const text = await readFile(join(ROOT, 'examples', folder, file), 'utf8');
      return { folder, lines: text.trimEnd().split('\n') };
    }),
  );
}

describe('examples', function () {
  this.timeout(120_000);
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await createTempFolder();
  });
  afterEach(() => removeFolder(dataDir));

  /** Runs an example's own first line, in a data directory of its own. */
  const runExample = async (folder: string) => {
    const { lines } = (await listExamples()).find((one) => one.folder === folder) ?? { lines: [] };
    const [, options = '', exec = ''] = COMMAND.exec(lines[0] ?? '') ?? [];
    const args = ['dev', ...options.split(' ').filter(Boolean), '--data-dir', dataDir, '--exec', exec];
    const path = [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
    return rios(args, { env: { PATH: path, RIOS_HOME: join(dataDir, 'home') }, timeoutMs: 100_000 });
  };

  it(`default: each begins with its command and has at most ${MAX_LINES} lines`, async () => {
    const examples = await listExamples();

    expect(examples).to.have.lengthOf(7);
    for (const { folder, lines } of examples) {
      expect(lines[0], folder).to.match(COMMAND);
      expect(lines.length, folder).to.be.at.most(MAX_LINES);
    }
  });

  it('behaviour: 01-ask prints the answer and who computed it', async () => {
    const { code, stdout, stderr } = await runExample('01-ask');

    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/\S+ \S+[\s\S]*\n\S+: \d+ parts, \d+ expert calls/);
  });

  it('behaviour: 02-openai-client streams a chat', async () => {
    const { prompt } = await readReferenceCase('genesis');
    const { code, stdout, stderr } = await runExample('02-openai-client');

    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/\n32 tokens\n/);
    expect(stdout).to.not.contain(prompt);
  });

  it('behaviour: 03-split-and-serve answers from a model it has just split', async () => {
    const { code, stdout, stderr } = await runExample('03-split-and-serve');

    expect(code, stderr).to.equal(0);
    expect(stdout).to.contain('my-model');
  });

  it('behaviour: 04-device-login logs a second machine in, and runs models with what can do nothing else', async () => {
    const { code, stdout, stderr } = await runExample('04-device-login');

    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/account +ada@example\.org/);
    expect(stdout).to.match(/signed in by +a login/);
    expect(stdout).to.contain('no invite for this token: exit code 4');
    expect(stdout).to.contain('a wrong token: exit code 3');
    expect(stdout.slice(stdout.indexOf('exit code 3')).split('\n').filter(Boolean)).to.have.lengthOf(2);
  });

  it('behaviour: 06-billing is quoted, pays no more, and its invoice is what its workers signed', async () => {
    const { code, stdout, stderr } = await runExample('06-billing');

    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/trial credit +10 ROS/);
    expect(stdout).to.contain('right: the bill follows from what its workers signed');
    const [, request = '', paid = ''] = /request +(req_\w+)\nbill +(\S+) ROS, served/.exec(stdout) ?? [];
    expect(stdout).to.match(new RegExp(`total +${paid} ROS`));
    expect(stdout).to.match(new RegExp(`${request},\\S+,tiny-moe,served,1,charge,12D3Koo`));
    expect(stdout).to.contain('over the budget: exit code 7');
    expect(stdout).to.match(new RegExp(`all +1 +\\d+ +${paid} ROS`));
    expect(Number(/balance +(\S+) ROS/.exec(stdout)?.[1])).to.be.closeTo(10 - Number(paid), 1e-12);
  });

  it('behaviour: 05-wallet pays in, stakes, and takes out after the delay, by commands with --json', async () => {
    const { code, stdout, stderr } = await runExample('05-wallet');
    expect(code, stderr).to.equal(0);
    const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
    const results = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const [wallet, faucet, deposit, registered, session, begun, unbonding, early, moved, paid, unstaked] =
      results;
    const ros = (count: number) => `${count}000000000000000000`;

    expect(faucet).to.deep.include({ address: wallet?.address, rosWei: ros(500) });
    expect(deposit).to.include({ amountWei: ros(20) });
    expect(registered?.did).to.deep.equal(['registered', 'staked']);
    expect(session?.session).to.include({ state: 'live', leftWei: ros(5) });
    expect(begun).to.deep.include({ did: ['started'] });
    expect(begun?.exit).to.include({ amountWei: ros(8) });
    expect(unbonding?.did).to.deep.equal(['unbonded']);
    expect(early?.error).to.include({ code: 'CHAIN_REVERTED' });
    expect(stdout).to.contain('too early: exit code 12');
    expect(moved).to.include({ advancedSeconds: 8 * 86_400 });
    expect(paid).to.deep.include({ did: ['paid'], paidWei: ros(8), exit: null });
    expect(unstaked?.did).to.deep.equal(['withdrawn']);
    expect(results.at(-2)).to.include({ stakeWei: ros(60) });
    expect(results.at(-1)).to.include({ rosWei: ros(428), escrowWei: ros(12), exit: null });
    expect(stdout).to.match(/deposited +20 ROS[\s\S]*withdrawn +8 ROS[\s\S]*unstaked +40 ROS/);
  });
});
