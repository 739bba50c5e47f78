import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { rios } from '../support/rios.ts';
import { ROOT } from '../support/run-script.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { describeWithContainers } from '../support/with-containers.ts';

const EXAMPLE = join(ROOT, 'examples', '07-deploy', 'deploy.sh');
const WORKFLOW = join(ROOT, 'examples', 'github-actions', 'deploy.yml');

interface Workflow {
  readonly jobs: { readonly deploy: { readonly steps: readonly { run?: string; if?: string }[] } };
}

describeWithContainers('examples of deployments', (servers) => {
  let folder: string;
  beforeEach(async () => {
    folder = await createTempFolder();
  });
  afterEach(() => removeFolder(folder));

  /** Runs a command in `rios dev`, with nobody to ask. */
  const inDev = (exec: string, cwd: string = ROOT) => {
    const args = ['dev', '--no-chain', '--workers', '2', '--data-dir', join(folder, 'dev'), '--exec', exec];
    const path = [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
    const env = { ...servers.env, PATH: path, RIOS_HOME: join(folder, 'home'), CI: 'true' };
    return rios(args, { env, cwd, timeoutMs: 170_000 });
  };

  it('behaviour: 07-deploy deploys, updates, is rolled back, and ends as documented, with a scoped token', async () => {
    const { code, stdout, stderr } = await inDev(`sh '${EXAMPLE}'`);

    expect(code, stderr).to.equal(0);
    expect(stdout).to.contain('no invite for this token: exit code 4');
    const served = stdout.split('\n').filter((line) => / from [0-9a-f]{12}$/.test(line));
    expect(served.map((line) => line.split(' ')[0])).to.deep.equal(['Hello', 'Bonjour', 'Bonjour', 'Hello']);
    expect(stdout).to.contain('rolled back: exit code 9');
    expect(stderr).to.match(
      /release 3 of hello-http failed: [\s\S]*MODULE_NOT_FOUND[\s\S]*release 2 still serves/,
    );
    expect(stdout).to.match(/4 +active .*release 1/);
    expect(stdout).to.contain('the secret is there');
    expect(stdout).to.contain("the command's own exit code: 7");
    expect(stdout).to.contain('no room: exit code 8');
    expect(stdout.trimEnd().split('\n').at(-1)).to.match(/^NAME +STATE/);
  }).timeout(180_000);

  it('behaviour: what the workflow for GitHub Actions runs deploys the folder that it runs in', async () => {
    const { jobs } = parse(await readFile(WORKFLOW, 'utf8')) as Workflow;
    const steps = jobs.deploy.steps.flatMap(({ run, if: when }) => (run === undefined || when ? [] : [run]));
    const [install, ...commands] = steps;
    expect(install).to.equal('npm install --global @rios/cli');
    expect(commands.at(-1)).to.match(/^rios deploy /);

    const token = 'RIOS_API_TOKEN=$(rios auth token create github --scope deployments --ttl 90d --quiet)';
    const script = [
      'set -eu',
      token,
      'export RIOS_API_TOKEN',
      ...commands,
      'rios deployment status hello-http',
    ];
    const { code, stdout, stderr } = await inDev(script.join('\n'), join(ROOT, 'examples', 'hello-http'));

    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/room for 1 of 1 replicas/);
    expect(stdout).to.match(/state +ready/);
  });
});
