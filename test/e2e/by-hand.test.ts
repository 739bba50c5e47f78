import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Completion } from '@rios/sdk/schema/api';
import { expect } from 'chai';
import OpenAI from 'openai';
import { type LineProcess, startProcess } from '../support/line-process.ts';
import { RIOS, rios, riosJson } from '../support/rios.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { readReferenceCase, TINY_MOE } from '../support/tiny-moe.ts';
import { until } from '../support/until.ts';

interface RunJson {
  readonly text: string;
  readonly ids: readonly number[];
  readonly shape: string;
  readonly workers: readonly { readonly id: string; readonly expertCalls: number }[];
  readonly requestId: string;
  readonly finishReason: string;
}

const LOOPBACK = '/ip4/127.0.0.1/tcp/0';

describe('by hand, in separate terminals', function () {
  this.timeout(180_000);
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const running: LineProcess[] = [];

  const start = (...args: string[]) => {
    const started = startProcess(RIOS, args, { env });
    running.push(started);
    return started;
  };

  before(async () => {
    folder = await createTempFolder();
    env = { RIOS_HOME: join(folder, 'home') };
  });
  after(async () => {
    await Promise.all(running.reverse().map((one) => one.stop()));
    await removeFolder(folder);
  });

  it('default: orchestrator start, invites, three workers, split, push, run', async () => {
    const reference = await readReferenceCase('whale');
    const dataDir = join(folder, 'orchestrator');
    start('orchestrator', 'start', '--data-dir', dataDir, '--api-port', '0', '--listen', LOOPBACK);
    const apiUrl = await until('the orchestrator', async () => {
      const text = await readFile(join(dataDir, 'orchestrator.json'), 'utf8');
      return (JSON.parse(text) as { apiUrl: string }).apiUrl;
    });
    const token = (await readFile(join(dataDir, 'api-token'), 'utf8')).trim();
    env = { ...env, RIOS_API_URL: apiUrl, RIOS_API_TOKEN: token };

    for (const name of ['anna', 'ben', 'carla']) {
      const { invite } = await riosJson<{ invite: string }>(['network', 'invite', 'create'], { env });
      const where = ['--data-dir', join(folder, name), '--listen', LOOPBACK];
      start('worker', 'start', '--join', invite, '--name', name, '--threads', '1', ...where);
    }
    await until('three listed workers', async () => {
      const { workers } = await riosJson<{ workers: { state: string }[] }>(['status'], { env });
      return workers.filter(({ state }) => state === 'listed').length === 3 || undefined;
    });

    const bundle = join(folder, 'bundle');
    await riosJson(['model', 'split', TINY_MOE, '--out', bundle], { env });
    await riosJson(['model', 'push', bundle, '--name', 'tiny'], { env });
    const options = ['--max-tokens', String(reference.greedy.length), '--temperature', '0'];
    const answer = await riosJson<RunJson>(['run', 'tiny', reference.prompt, ...options], { env });

    expect(answer.ids).to.deep.equal(reference.greedy);
    expect(answer.finishReason).to.equal('length');
    expect(answer.workers).to.have.length.of.at.least(1);
  });

  it('behaviour: the same with the official openai client', async () => {
    const reference = await readReferenceCase('whale');
    const openai = new OpenAI({ baseURL: `${env.RIOS_API_URL}/v1`, apiKey: env.RIOS_API_TOKEN ?? '' });

    const completion = await openai.completions.create({
      model: 'tiny',
      prompt: reference.prompt,
      max_tokens: reference.greedy.length,
      temperature: 0,
    });

    expect((completion as unknown as Completion).rios?.ids).to.deep.equal(reference.greedy);
  });

  it('behaviour: run prints the text alone on stdout, and reads the prompt from stdin', async () => {
    const options = { env, stdin: 'Call me Ishmael.' };
    const { code, stdout } = await rios(
      ['run', 'tiny', '-', '--max-tokens', '8', '--temperature', '0'],
      options,
    );
    const again = await riosJson<RunJson>(
      ['run', 'tiny', 'Call me Ishmael.', '--max-tokens', '8', '--temperature', '0'],
      { env },
    );

    expect(code).to.equal(0);
    expect(stdout.replace(/\n$/, '')).to.equal(again.text.replace(/\n$/, ''));
  });

  it('behaviour: nothing that is kept on disk holds what was asked or answered', async () => {
    const prompt = 'The ambergris of Nantucket';
    const options = ['--max-tokens', '16', '--temperature', '0'];
    const { text } = await riosJson<RunJson>(['run', 'tiny', prompt, ...options], { env });

    expect(text.length).to.be.above(20);
    for (const file of await filesUnder(folder)) {
      const kept = await readFile(file);
      expect(kept.includes(prompt) || kept.includes(text), file).to.equal(false);
    }
  });

  it('behaviour: route explain names the workers of a request', async () => {
    const run = await riosJson<RunJson>(['run', 'tiny', 'The', '--max-tokens', '4'], { env });
    const explained = await riosJson<{ shares: { workerId: string }[]; reason: string }>(
      ['route', 'explain', run.requestId],
      { env },
    );

    const named = explained.shares.map(({ workerId }) => workerId).sort();
    expect(named).to.deep.equal(run.workers.map(({ id }) => id).sort());
    expect(explained.reason).to.not.equal('');
  });
});

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
