import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { pushBaseImage } from '../support/push-image.ts';
import { lastJson, RIOS, rios } from '../support/rios.ts';
import { ROOT } from '../support/run-script.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { describeWithContainers } from '../support/with-containers.ts';

const HELLO = join(ROOT, 'examples', 'hello-http');
/** Answers with the kernel that it sees. */
const KERNEL = `require('http').createServer((q, s) => s.end(require('os').release())).listen(8080)`;

describeWithContainers('rios dev and rios deploy', (servers) => {
  let folder: string;
  beforeEach(async () => {
    folder = await createTempFolder();
  });
  afterEach(() => removeFolder(folder));

  /** Runs the lines in `rios dev`, with curl as `ask <name>`. */
  const inDev = async (...lines: readonly string[]) => {
    const script = [
      'set -eu',
      `rios() { '${process.execPath}' '${RIOS}' "$@"; }`,
      'ask() { curl -fsS --max-time 30 "$(rios deployment open "$1" --json | node -p "JSON.parse(require(\'fs\').readFileSync(0)).url")"; }',
      ...lines,
    ].join('\n');
    const args = ['dev', '--workers', '2', '--data-dir', join(folder, 'dev'), '--exec', script];
    const path = [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
    const env = { ...servers.env, PATH: path, RIOS_HOME: join(folder, 'home') };
    return rios(args, { env, timeoutMs: 110_000 });
  };

  it('default: the example answers through ingress; the same with gVisor, and then it sees gVisor’s kernel', async () => {
    const { code, stdout, stderr } = await inDev(
      `rios deploy '${HELLO}' --name hello >&2`,
      'ask hello',
      `rios deploy '${HELLO}' --name strict --sandbox gvisor --json >&2`,
      'ask strict',
      `rios deployment exec strict -- node -p 'require("os").release()'`,
      `rios deployment exec hello -- node -p 'require("os").release()'`,
      'rios deployment list >&2',
    );

    expect(code, stderr).to.equal(0);
    const [hello, strict, gvisor, standard] = stdout.split('\n');
    expect(hello).to.match(/[Hh]ello/);
    expect(strict).to.match(/[Hh]ello/);
    expect(gvisor, stdout).to.equal('4.4.0');
    expect(standard).to.not.equal('4.4.0');
  });

  it('option: --image, by its digest out of a registry', async () => {
    const image = await pushBaseImage(servers.registry, 'library/kernel');

    const { code, stdout, stderr } = await inDev(
      `rios deploy --image '${image}' --name kernel --port 8080 --run "node -e \\"${KERNEL}\\"" --json >&2`,
      'ask kernel',
    );

    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/^\d+\.\d+/);
    expect(lastJson<{ spec: { source: object } }>(stderr).spec.source).to.deep.equal({
      kind: 'image',
      image,
    });
  });
});
