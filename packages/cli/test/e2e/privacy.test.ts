import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startDev, TINY_MOE } from '../support/dev-network.ts';
import { jsonOf, runCli, temporaryDirectory } from '../support/run-cli.ts';

const PROMPT = 'xylophone quarrel, said nobody';

/** What a network writes on its disks, after it was asked in several ways and let somebody in. */
describe('what is written down', function () {
  this.timeout(120_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let files: { path: string; mode: number; bytes: Buffer }[];
  let invite: string;
  let printed: string;

  before(async () => {
    place = await temporaryDirectory();
    const dataDir = join(place.path, 'network');
    const args = [
      '--data-dir',
      dataDir,
      '--workers',
      '2',
      '--model',
      TINY_MOE,
      '--shape',
      'island',
      '--spread',
    ];
    const { child, done, ready } = await startDev(args, place.path);
    try {
      const token = (await readFile(ready.tokenFile, 'utf8')).trim();
      invite = await useNetwork({ RIOS_API_URL: ready.apiUrl, RIOS_API_TOKEN: token });
    } finally {
      child.kill('SIGINT');
      printed = (await done).stderr;
    }
    files = await filesIn(dataDir);
  });
  after(() => place.remove());

  const holding = (secret: string) =>
    files.filter(({ bytes }) => bytes.includes(secret)).map(({ path }) => path);

  it('behaviour: no file and no log has what a user asked', () => {
    expect(files.some(({ path }) => path.endsWith('.log'))).to.equal(true);
    expect(holding('xylophone')).to.deep.equal([]);
    expect(printed).not.to.include('xylophone');
  });

  it('behaviour: the secret of an invite is nowhere', () => {
    const { secret } = JSON.parse(Buffer.from(invite.replace(/^rios1\./, ''), 'base64url').toString());

    expect(secret).to.have.length(43);
    expect(holding(secret)).to.deep.equal([]);
    expect(holding(invite)).to.deep.equal([]);
  });

  it('behaviour: every file is for its owner alone, but for the split model and a lock that holds a pid', () => {
    const open = files.filter(
      ({ mode, path }) => (mode & 0o077) !== 0 && !/\/bundles\/|\/dev\.lock$/.test(path),
    );

    expect(open.map(({ path, mode }) => `${path} ${mode.toString(8)}`)).to.deep.equal([]);
  });
});

/** Asks in ways that succeed and in ways that fail; returns a new invite. */
async function useNetwork(env: Record<string, string>): Promise<string> {
  const runs = [
    await runCli(['run', 'tiny-moe', PROMPT, '--max-tokens', '3'], { env }),
    await runCli(['run', 'tiny-moe', `${PROMPT} `.repeat(200), '--max-tokens', '3'], { env }),
    await runCli(['run', 'tiny-moe', PROMPT, '--temperature', '99'], { env }),
  ];
  expect(runs.map(({ code }) => code)).to.deep.equal([0, 2, 2]);
  const invited = await runCli(['network', 'invite', 'create', '--json'], { env });
  return jsonOf<{ invite: string }>(invited).invite;
}

async function filesIn(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.map(async (path) => ({ path, mode: (await stat(path)).mode, bytes: await readFile(path) })),
  );
}
