import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ApiServer, sendError, sendJson, startApiServer } from './support/api-server.ts';
import { runCli, temporaryDirectory } from './support/run-cli.ts';

const view = { name: 'db-url', createdAt: 1, updatedAt: 2, usedBy: ['hello'] };

describe('rios secret', function () {
  this.timeout(30_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: ApiServer;
  beforeEach(async () => {
    place = await temporaryDirectory();
    server = await startApiServer({
      setSecret: (_, response) => sendJson(response, view),
      listSecrets: (_, response) => sendJson(response, { secrets: [view] }),
      removeSecret: (_, response) => sendError(response, 409, 'CONFLICT_IN_USE', 'hello uses it'),
    });
  });
  afterEach(async () => {
    await server.close();
    await place.remove();
  });
  const run = (args: string[], input = '') => runCli(['secret', ...args], { env: server.env, input });
  const sent = () => server.calls.map(({ body }) => (JSON.parse(String(body)) as { value: string }).value);

  it('default: the value comes by stdin or a file, without its last newline', async () => {
    const file = join(place.path, 'value');
    await writeFile(file, 'two\nlines\n');

    const byStdin = await run(['set', 'db-url', '--stdin', '--json'], 'postgres://x\n');
    const byFile = await run(['set', 'db-url', '--file', file]);

    expect([byStdin.code, byFile.code], byStdin.stderr + byFile.stderr).to.deep.equal([0, 0]);
    expect(sent()).to.deep.equal(['postgres://x', 'two\nlines']);
    expect(byStdin.stdout + byStdin.stderr + byFile.stdout + byFile.stderr).to.not.contain('postgres');
  });

  it('error USER_INVALID_REQUEST: a value on the command line is refused, and not repeated', async () => {
    for (const args of [
      ['set', 'db-url', 'hunter2secret'],
      ['set', 'db-url=hunter2secret'],
      ['set', 'db-url', '--value', 'hunter2secret'],
      ['set', 'db-url', '--value=hunter2secret'],
      ['set', '--', 'db-url', 'hunter2secret'],
    ]) {
      const { code, stdout, stderr } = await run(args);
      expect(code, args.join(' ')).to.equal(2);
      expect(stdout + stderr, args.join(' ')).to.not.contain('hunter2');
      expect(stderr, args.join(' ')).to.contain('--stdin');
    }
    expect(server.calls).to.deep.equal([]);
  });

  it('error USER_INVALID_REQUEST: what no environment variable can hold', async () => {
    const file = join(place.path, 'value');
    for (const bytes of ['', '\n', 'a\0b', 'x'.repeat(32 * 1024 + 1), Uint8Array.of(0xff, 0xfe, 0x41)]) {
      await writeFile(file, bytes);
      expect((await run(['set', 'db-url', '--file', file])).code).to.equal(2);
    }
    expect(server.calls).to.deep.equal([]);
  });

  it('behaviour: 32 KiB are taken', async () => {
    expect((await run(['set', 'db-url', '--stdin'], `${'x'.repeat(32 * 1024)}\n`)).code).to.equal(0);
  });

  it('error USER_INPUT_NEEDED: nobody can be asked', async () => {
    const { code, stderr } = await run(['set', 'db-url']);

    expect(code).to.equal(2);
    expect(stderr).to.contain('--stdin or --file');
  });

  it('error USER_INVALID_REQUEST: no secret goes over the network in the clear', async () => {
    const result = await runCli(['secret', 'set', 'db-url', '--stdin', '--api-url', 'http://lab.example'], {
      input: 'x',
      env: server.env,
    });

    expect(result.code).to.equal(2);
    expect(result.stderr).to.contain('https');
  });

  it('default: list shows who uses them; remove asks, and tells why it cannot be', async () => {
    expect((await run(['list'])).stdout).to.match(/db-url +.* ago +hello/);
    expect((await run(['list', '--json'])).code).to.equal(0);
    expect((await run(['remove', 'db-url'])).code).to.equal(2);
    const refused = await run(['remove', 'db-url', '--yes']);
    expect(refused.code).to.equal(6);
    expect(refused.stderr).to.contain('hello uses it');
  });
});
