import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLI_RESULTS, progressEventSchema } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';
import { createBlobStore } from './support/blob-store.ts';
import { runCli, temporaryDirectory } from './support/run-cli.ts';

const TINY_MOE = fileURLToPath(new URL('../../../examples/models/tiny-moe', import.meta.url));

interface Line {
  readonly type: string;
  readonly [field: string]: unknown;
}

describe('--events', () => {
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  before(async () => {
    place = await temporaryDirectory();
  });
  after(() => place.remove());

  /** Every line of stdout, each checked: progress as documented, then exactly one other line. */
  function linesOf(stdout: string): { progress: Line[]; last: Line } {
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const last = lines.pop() ?? { type: 'none' };
    for (const line of lines) {
      const parsed = progressEventSchema.safeParse(line);
      expect(parsed.data, JSON.stringify(line)).to.deep.equal(line);
    }
    return { progress: lines, last };
  }

  it('default', async () => {
    const bundle = join(place.path, 'bundle');
    const split = await runCli(['model', 'split', TINY_MOE, '--out', bundle, '--events']);
    const { progress, last } = linesOf(split.stdout);
    const { type, ...result } = last;

    expect([split.code, split.stderr, type]).to.deep.equal([0, '', 'result']);
    expect(new Set(progress.map(({ step }) => step))).to.deep.equal(
      new Set(['Writing weights', 'Computing golden vectors']),
    );
    expect(
      progress.some(({ doneBytes, totalBytes }) => doneBytes === totalBytes && doneBytes !== undefined),
    ).to.equal(true);
    expect(CLI_RESULTS['model:split'].parse(result)).to.deep.equal(result);
  }).timeout(60_000);

  it('behaviour: a push tells its bytes', async () => {
    const server = await createBlobStore().serve();
    const bundle = join(place.path, 'bundle');

    const pushed = await runCli(['model', 'push', bundle, '--events'], { env: server.env });
    await server.close();

    const { progress, last } = linesOf(pushed.stdout);
    expect(last).to.include({ type: 'result' });
    expect(progress.at(-1)?.doneBytes).to.equal(last.sentBytes);
  });

  it('behaviour: an error is the last line, with its exit code', async () => {
    const failed = await runCli(['model', 'push', join(place.path, 'none'), '--events']);
    const { last } = linesOf(failed.stdout);

    expect(failed.code).to.equal(5);
    expect(last).to.include({ type: 'error' });
    expect(last.error).to.include({ code: 'NOT_FOUND_FILE' });
  });

  it('behaviour: also a wrong flag', async () => {
    const { code, stdout } = await runCli(['model', 'push', '--nope', '--events']);
    expect(code).to.equal(2);
    expect(JSON.parse(stdout)).to.include({ type: 'error' });
  });
});
