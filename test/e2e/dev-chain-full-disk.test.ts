import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  openChain,
  sendRaw,
  sendTransfers,
  signTransfer,
} from '../../packages/orchestrator/test/chain/chain-builders.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import { callRpc } from '../support/json-rpc.ts';
import { startProcess } from '../support/line-process.ts';
import { RIOS_ORCHESTRATOR } from '../support/rios.ts';
import { createSmallDisk, type SmallDisk } from '../support/small-disk.ts';

const DISK_BYTES = 512 * 1024;

describe('a full disk under the journal of the dev chain', function () {
  this.timeout(60_000);
  let disk: SmallDisk;
  before(async function () {
    const made = await createSmallDisk(DISK_BYTES);
    if ('reason' in made) {
      console.log(`      a small disk cannot be mounted: ${made.reason}`);
      this.skip();
    } else disk = made;
  });
  after(() => disk?.remove());

  it('error CAPACITY_DISK: nothing acknowledged is lost, nothing else is seen, and it goes on with space', async () => {
    const filler = join(disk.folder, 'filler');
    const folder = join(disk.folder, 'chain');
    const chain = await openChain(folder);
    await writeFile(filler, Buffer.alloc(DISK_BYTES - 64 * 1024)).catch(() => {});
    let sent = 0;
    const sendAll = async () => {
      for (; sent < 1000; sent++) await sendRaw(chain, await signTransfer(sent));
    };
    const error = await expectError(sendAll(), 'CAPACITY_DISK');

    expect(error.message).to.contain('disk is full');
    expect(sent).to.be.within(1, 999);
    expect((await chain.failed).code).to.equal('CAPACITY_DISK');
    await expectError(chain.head(), 'CAPACITY_DISK');
    await expectError(sendRaw(chain, await signTransfer(sent)), 'CAPACITY_DISK');
    await chain.stop();

    await rm(filler);
    const again = await openChain(folder);
    expect((await again.head()).height).to.equal(sent);
    await sendTransfers(again, sent, 1);
    await again.stop();
    await rm(folder, { recursive: true });
  });

  it('error CAPACITY_DISK: the process says why and ends, and comes back with all that it acknowledged', async () => {
    const dataDir = join(disk.folder, 'process');
    const start = () => startProcess(RIOS_ORCHESTRATOR, ['chain', '--data-dir', dataDir]);
    const first = start();
    const { rpcUrl, head } = await first.waitFor('ready');
    await writeFile(join(disk.folder, 'filler'), Buffer.alloc(DISK_BYTES)).catch(() => {});
    let mined = 0;
    const answer = async (): Promise<string | undefined> => {
      for (; mined < 100_000; mined++) {
        const { error } = await callRpc(String(rpcUrl), 'evm_mine');
        if (error !== undefined) return error.message;
      }
      return undefined;
    };

    expect(await answer()).to.contain('disk is full');
    expect((await first.waitFor('error')).error).to.include({ code: 'CAPACITY_DISK' });
    expect((await first.whenExited).code).to.not.equal(0);
    await rm(join(disk.folder, 'filler'));
    const second = start();
    const again = await second.waitFor('ready');
    await second.stop();
    const heightOf = (found: unknown) => (found as { height: number }).height;
    expect(heightOf(again.head)).to.equal(heightOf(head) + mined);
  });
});
