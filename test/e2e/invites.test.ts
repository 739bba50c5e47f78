import { join } from 'node:path';
import { expect } from 'chai';
import { type Devnet, startDevnet, startWorker } from '../support/devnet.ts';
import type { LineProcess } from '../support/line-process.ts';
import { riosJson } from '../support/rios.ts';
import { until } from '../support/until.ts';

const PREFIX = 'rios1.';

describe('invites', function () {
  this.timeout(60_000);
  let network: Devnet;
  let count = 0;
  const started: LineProcess[] = [];

  before(async () => {
    network = await startDevnet({ workers: 0 });
  });
  after(async () => {
    await Promise.all(started.map((one) => one.stop()));
    await network?.stop();
  });

  const join_ = (invite: string, dataDir = join(network.folder, `guest-${count++}`)) => {
    const worker = startWorker(dataDir, invite);
    started.push(worker);
    return worker;
  };
  /** Exit code and error code of a worker that must not get in. */
  const refusal = async (worker: LineProcess) => {
    const event = await worker.waitFor('error');
    const { code } = await worker.whenExited;
    return { exit: code, code: (event.error as { code: string }).code };
  };

  it('default: an invite lets one peer in, and is used after', async () => {
    const { invite, view } = await network.client.createInvite({ body: { ttlMs: 60_000, maxUses: 1 } });

    const { peerId } = await join_(invite).waitFor('ready');

    const { invites } = await network.client.listInvites();
    const used = invites.find(({ id }) => id === view.id);
    expect(used).to.deep.include({ state: 'used', usedBy: [peerId] });
  });

  it('behaviour: the same peer may come back without its invite, and with it', async () => {
    const invite = await network.createInvite();
    const dataDir = join(network.folder, 'returning');
    const first = join_(invite, dataDir);
    const { peerId } = await first.waitFor('ready');
    await first.stop();

    const second = startWorker(dataDir, undefined);
    started.push(second);
    expect((await second.waitFor('ready')).peerId).to.equal(peerId);
    await second.stop();

    expect((await join_(invite, dataDir).waitFor('ready')).peerId).to.equal(peerId);
  });

  it('error AUTH_INVITE_USED: another peer', async () => {
    const invite = await network.createInvite();
    await join_(invite).waitFor('ready');

    expect(await refusal(join_(invite))).to.deep.equal({ exit: 4, code: 'AUTH_INVITE_USED' });
  });

  it('error AUTH_INVITE_REVOKED', async () => {
    const { invite, view } = await network.client.createInvite({ body: { ttlMs: 60_000, maxUses: 1 } });
    await riosJson(['network', 'invite', 'revoke', view.id, '--yes'], { env: network.env });

    expect(await refusal(join_(invite))).to.deep.equal({ exit: 4, code: 'AUTH_INVITE_REVOKED' });
  });

  it('error AUTH_INVITE_EXPIRED', async () => {
    const { invite, view } = await network.client.createInvite({ body: { ttlMs: 1000, maxUses: 1 } });
    await until('the invite to expire', async () => (Date.now() > view.expiresAt ? true : undefined));

    expect(await refusal(join_(invite))).to.deep.equal({ exit: 4, code: 'AUTH_INVITE_EXPIRED' });
  });

  it('error AUTH_INVITE_EXPIRED: a worker that sets the expiry forward itself', async () => {
    const { invite, view } = await network.client.createInvite({ body: { ttlMs: 1000, maxUses: 1 } });
    const forged = edit(invite, (fields) => ({ ...fields, expiresAt: view.expiresAt + 3_600_000 }));
    await until('the invite to expire', async () => (Date.now() > view.expiresAt ? true : undefined));

    expect(await refusal(join_(forged))).to.deep.equal({ exit: 4, code: 'AUTH_INVITE_EXPIRED' });
  });

  it('error AUTH_INVITE_INVALID: not an invite, and a wrong secret', async () => {
    const forged = edit(await network.createInvite(), (fields) => ({ ...fields, secret: 'A'.repeat(43) }));

    expect(await refusal(join_('rios1.nonsense'))).to.deep.equal({ exit: 4, code: 'AUTH_INVITE_INVALID' });
    expect(await refusal(join_(forged))).to.deep.equal({ exit: 4, code: 'AUTH_INVITE_INVALID' });
  });

  it('error AUTH_INVITE_FOREIGN: an invite of another network that leads here', async () => {
    const other = await startDevnet({ workers: 0 });
    try {
      const { addresses } = decode(await network.createInvite());
      const leadsHere = edit(await other.createInvite(), (fields) => ({ ...fields, addresses }));

      expect(await refusal(join_(leadsHere))).to.deep.equal({ exit: 4, code: 'AUTH_INVITE_FOREIGN' });
    } finally {
      await other.stop();
    }
  });
});

type Fields = Record<string, unknown>;
const decode = (invite: string) =>
  JSON.parse(Buffer.from(invite.slice(PREFIX.length), 'base64url').toString()) as Fields;
const encode = (fields: Fields) => PREFIX + Buffer.from(JSON.stringify(fields)).toString('base64url');
const edit = (invite: string, change: (fields: Fields) => Fields) => encode(change(decode(invite)));
