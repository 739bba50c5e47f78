import type { AuditEntry } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { type Devnet, startDevnet } from '../support/devnet.ts';
import { rios, riosError, riosJson } from '../support/rios.ts';

describe('the audit log of a network', function () {
  this.timeout(60_000);
  let network: Devnet;
  before(async () => {
    network = await startDevnet({ workers: 1 });
  });
  after(() => network?.stop());

  it('default: rios auth audit list shows who did what to models, invites and workers, and what came of it', async () => {
    const { env } = network;
    await network.pushTinyMoe();
    await network.place('tiny-moe', { shape: 'replica' });
    await riosJson(['model', 'unload', 'tiny-moe'], { env });
    await riosJson(['model', 'remove', 'tiny-moe', '--yes'], { env });
    await riosError(['model', 'unload', 'tiny-moe'], { env });
    await riosJson(['worker', 'drain', 'worker-1'], { env });

    const { entries } = await riosJson<{ entries: AuditEntry[] }>(['auth', 'audit', 'list'], { env });
    const { accountId } = await riosJson<{ accountId: string }>(['whoami'], { env });
    const told = entries
      .toReversed()
      .map(({ action, subject, details }) => `${action} ${subject} ${details.outcome}`);
    expect(told.filter((text) => !text.startsWith('invite.'))).to.deep.equal([
      'model.register tiny-moe ok',
      'model.place tiny-moe ok',
      'model.unload tiny-moe ok',
      'model.remove tiny-moe ok',
      'model.unload tiny-moe NOT_FOUND_MODEL',
      `worker.drain ${network.workers[0]?.peerId} ok`,
    ]);
    expect(entries.filter(({ action }) => action === 'invite.create')).to.have.length(1);
    expect(new Set(entries.map(({ actor }) => actor))).to.deep.equal(new Set([accountId]));
    const { stdout } = await rios(['auth', 'audit', 'list'], { env });
    expect(stdout).to.contain('model.place').and.contain('shape=replica').and.contain('outcome=ok');
    expect((await rios(['auth', 'audit', 'verify'], { env })).code).to.equal(0);
  });
});
