import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@rios/sdk/api/client';
import type { BackupReport, KeyRotation, RestoreReport } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';
import { ACCOUNT, logIn, signUp } from '../support/account.ts';
import { type Devnet, startDevnet, startWorker } from '../support/devnet.ts';
import { type LineProcess, startProcess } from '../support/line-process.ts';
import { RIOS_ORCHESTRATOR, riosJson } from '../support/rios.ts';
import { until } from '../support/until.ts';

const PROMPT = { model: 'tiny-moe', prompt: 'the quick brown', max_tokens: 12, temperature: 0 };

describe('an orchestrator that is saved, lost and restored', function () {
  this.timeout(180_000);
  let network: Devnet;
  let archive: string;
  let answer: string;
  const started: LineProcess[] = [];
  const at = (...names: string[]) => join(network.folder, ...names);

  before(async () => {
    network = await startDevnet({ workers: 1 });
    archive = at('backup.rios');
    await writeFile(at('passphrase'), 'four unrelated words\n', { mode: 0o600 });
    await network.pushTinyMoe();
    await network.place('tiny-moe', { shape: 'replica' });
    await signUp(network.apiUrl, dataDir());
  });
  after(async () => {
    await Promise.all(started.map((one) => one.stop()));
    await network?.stop();
  });

  const dataDir = () => at('orchestrator');
  async function complete(apiUrl: string): Promise<string> {
    const response = await fetch(`${apiUrl}/v1/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${network.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(PROMPT),
    });
    const body = (await response.json()) as { choices?: { text: string }[] };
    return body.choices?.[0]?.text ?? JSON.stringify(body);
  }

  it('default: it is saved while it runs, after a rotation of its keys', async () => {
    const { accessToken } = await logIn(network.apiUrl);
    const args = ['orchestrator', 'rotate-key', '--data-dir', dataDir()];
    const rotation = await riosJson<KeyRotation>(args, { env: network.env });
    expect(rotation).to.deep.include({ kind: 'master', place: 'file', isNew: true, keys: 2 });
    const signing = await riosJson<KeyRotation>([...args, '--signing'], { env: network.env });
    expect(signing).to.deep.include({ kind: 'signing', trusted: 1, forgotten: 0 });
    const who = await createClient({ apiUrl: network.apiUrl, token: accessToken }).whoami({});
    expect(who.email, 'the token of the old signing key').to.equal(ACCOUNT.email);
    const dropped = await riosJson<KeyRotation>([...args, '--drop-old'], { env: network.env });
    expect(dropped).to.deep.include({ keys: 1, dropped: 1 });
    await logIn(network.apiUrl);
    answer = await complete(network.apiUrl);

    const report = await riosJson<BackupReport>(
      [
        'orchestrator',
        'backup',
        '--data-dir',
        dataDir(),
        '--out',
        archive,
        '--passphrase-file',
        at('passphrase'),
        '--with-master-key',
      ],
      { env: network.env },
    );
    expect(report).to.deep.include({ store: 'sqlite', masterKey: 'included', sealed: true });
    expect(report.blobs).to.be.greaterThan(3);
  });

  it('behaviour: restored elsewhere, its accounts log in, its worker comes back, its models serve', async () => {
    const { addresses } = await network.orchestrator.waitFor('ready');
    const port = /\/tcp\/(\d+)/.exec(String(addresses))?.[1];
    await network.orchestrator.kill('SIGKILL');
    const restored = await riosJson<RestoreReport>(
      [
        'orchestrator',
        'restore',
        '--from',
        archive,
        '--data-dir',
        at('restored'),
        '--passphrase-file',
        at('passphrase'),
      ],
      { env: network.env },
    );
    expect(restored.masterKey).to.equal('included');

    const listen = ['--api-port', '0', '--listen', `/ip4/127.0.0.1/tcp/${port}`];
    const second = startProcess(RIOS_ORCHESTRATOR, ['start', '--data-dir', at('restored'), ...listen]);
    started.push(second);
    const ready = await second.waitFor('ready');
    const apiUrl = String(ready.apiUrl);
    const before = await network.orchestrator.waitFor('ready');
    expect({ networkId: ready.networkId, peerId: ready.peerId }).to.deep.equal({
      networkId: before.networkId,
      peerId: before.peerId,
    });
    expect((await logIn(apiUrl)).accessToken).to.be.a('string');
    await serves(apiUrl);
    expect(await complete(apiUrl)).to.equal(answer);

    const [worker] = network.workers;
    await worker?.process.stop();
    started.push(startWorker(worker?.dataDir ?? '', undefined, ['--name', 'worker-1']));
    await serves(apiUrl);
    expect(await complete(apiUrl), 'a worker started anew, without an invite').to.equal(answer);
  });

  /** Resolves when the worker is listed and the model is ready. */
  const serves = (apiUrl: string) =>
    until('the model serves', async () => ((await complete(apiUrl)) === answer ? true : undefined), 60_000);
});
