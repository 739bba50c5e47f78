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

    expect(examples).to.have.lengthOf(4);
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
});
