import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, createClient } from '@rios/sdk/api/client';
import { toRiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { startOrchestrator } from '../support/devnet.ts';
import type { LineProcess } from '../support/line-process.ts';
import { createSmallDisk, type SmallDisk } from '../support/small-disk.ts';

const DISK_BYTES = 6 * 1024 * 1024;
const MANY = ['--rate-burst', '100000', '--rate-per-second', '100000'];

describe('a full disk under the SQLite store', function () {
  this.timeout(60_000);
  let disk: SmallDisk;
  let running: LineProcess | undefined;
  before(async function () {
    const made = await createSmallDisk(DISK_BYTES);
    if ('reason' in made) {
      console.log(`      a small disk cannot be mounted: ${made.reason}`);
      this.skip();
    } else disk = made;
  });
  after(async () => {
    await running?.stop();
    await disk?.remove();
  });
  const start = async (): Promise<Client> => {
    running = startOrchestrator(join(disk.folder, 'data'), MANY);
    const ready = await running.waitFor('ready');
    const token = (await readFile(String(ready.tokenFile), 'utf8')).trim();
    return createClient({ apiUrl: String(ready.apiUrl), token });
  };
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'ok',
      (error: unknown) => toRiosError(error).code,
    );
  const filler = () => join(disk.folder, 'filler');
  /** Takes all the space that is left. */
  const fill = async () => {
    for (let size = DISK_BYTES; size >= 512; size = Math.floor(size / 2)) {
      await writeFile(filler(), Buffer.alloc(size), { flag: 'a' }).catch(() => {});
    }
  };

  it('error CAPACITY_DISK: said clearly; nothing that was answered is lost, and it goes on when there is space', async () => {
    let client = await start();
    const given: string[] = [];
    const create = () =>
      client.createInvite({ body: { ttlMs: 600_000, maxUses: 1 } }).then(({ view }) => given.push(view.id));
    await create();
    await fill();
    let code = 'ok';
    for (let tries = 0; tries < 500 && code === 'ok'; tries++) code = await codeOf(create());

    expect(code, running?.log().slice(-2000)).to.equal('CAPACITY_DISK');
    const failure = await create().catch((error: unknown) => toRiosError(error));
    expect(failure).to.have.property('message').that.contains('disk');
    expect(failure).to.have.property('hint').that.does.not.equal('');
    expect((await client.listInvites({})).invites.map(({ id }) => id)).to.have.members(given);
    expect(await codeOf(client.health({}))).to.equal('ok');

    await rm(filler());
    await create();
    expect(await client.verifyAudit({})).to.include({ ok: true });
    await running?.kill('SIGKILL');
    client = await start();
    expect((await client.listInvites({})).invites.map(({ id }) => id)).to.have.members(given);
    expect(await client.verifyAudit({})).to.include({ ok: true });
  });
});
