import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toBase64url } from '@rios/sdk/crypto/hash';
import { createInviteText, parseInvite } from '@rios/sdk/crypto/invite';
import { createNetworkKey } from '@rios/sdk/crypto/network';
import { expect } from 'chai';
import { chooseEntry, enter, readInvite } from '../src/membership.ts';
import { codeOf } from './support/errors.ts';
import { tempFolder } from './support/temp-folder.ts';

const NOW = 1_000_000;
const ADDRESS = '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDztzMDQ6NHtppjV4UTFiWQjyaZ4KmgkToTBZkjN3v7sb';

function network() {
  const key = createNetworkKey();
  const networkKey = toBase64url(key.publicKey);
  const { text } = createInviteText({
    networkKey,
    inviteId: 'inv_0000000001',
    addresses: [ADDRESS],
    expiresAt: NOW + 1000,
  });
  const membership = { networkId: key.networkId, networkKey, addresses: [ADDRESS] };
  return { text, invite: parseInvite(text, NOW), membership };
}

describe('membership', () => {
  it('default: joins by the invite, and needs none afterwards', async () => {
    const file = join(tempFolder(), 'membership.json');
    const { invite, membership } = network();

    const joined = await enter(file, await chooseEntry(file, invite), async () => membership);
    const later = await chooseEntry(file, undefined);

    expect(joined).to.deep.equal(membership);
    expect(later).to.deep.equal({ kind: 'member', membership });
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
  });

  it('behaviour: a member with an invite of its own network does not use it up', async () => {
    const file = join(tempFolder(), 'membership.json');
    const { invite, membership } = network();
    await writeFile(file, JSON.stringify(membership));

    expect(await chooseEntry(file, invite)).to.deep.equal({ kind: 'member', membership });
  });

  it('behaviour: a join that fails leaves nothing behind', async () => {
    const file = join(tempFolder(), 'membership.json');
    const entry = await chooseEntry(file, network().invite);

    await enter(file, entry, () => Promise.reject(new Error('refused'))).catch(() => {});

    expect(await codeOf(() => chooseEntry(file, undefined))).to.equal('AUTH_REQUIRED');
  });

  it('error AUTH_INVITE_FOREIGN: an invite of another network', async () => {
    const file = join(tempFolder(), 'membership.json');
    await writeFile(file, JSON.stringify(network().membership));

    expect(await codeOf(() => chooseEntry(file, network().invite))).to.equal('AUTH_INVITE_FOREIGN');
  });

  it('error INTEGRITY_KEY_FILE: a damaged file', async () => {
    const file = join(tempFolder(), 'membership.json');
    await writeFile(file, '{"networkId":');

    expect(await codeOf(() => chooseEntry(file, undefined))).to.equal('INTEGRITY_KEY_FILE');
  });
});

describe('readInvite', () => {
  it('default: the text itself', async () => {
    const { text, invite } = network();
    expect(await readInvite(text, NOW)).to.deep.equal(invite);
  });

  it('option: @file', async () => {
    const { text, invite } = network();
    const file = join(tempFolder(), 'invite');
    await writeFile(file, `${text}\n`);

    expect(await readInvite(`@${file}`, NOW)).to.deep.equal(invite);
    expect((await readFile(file, 'utf8')).trim()).to.equal(text);
  });

  it('error NOT_FOUND_FILE', async () => {
    expect(await codeOf(() => readInvite('@/nowhere/invite', NOW))).to.equal('NOT_FOUND_FILE');
  });

  it('error AUTH_INVITE_EXPIRED', async () => {
    expect(await codeOf(() => readInvite(network().text, NOW + 1000))).to.equal('AUTH_INVITE_EXPIRED');
  });
});
