import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toBase64url } from '@rios/sdk/crypto/hash';
import { createNetworkKey } from '@rios/sdk/crypto/network';
import { silentLog } from '@rios/sdk/log';
import { membershipSchema } from '@rios/sdk/schema/worker-process';
import { expect } from 'chai';
import { chooseEntry, encodeMembership } from '../src/membership.ts';
import { createMembershipKeeper } from '../src/membership-keeper.ts';
import { tempFolder } from './support/temp-folder.ts';

const PEER = '12D3KooWDztzMDQ6NHtppjV4UTFiWQjyaZ4KmgkToTBZkjN3v7sb';
const at = (port: number) => `/ip4/127.0.0.1/tcp/${port}/p2p/${PEER}`;

describe('createMembershipKeeper', () => {
  const kept = async () => {
    const file = join(tempFolder(), 'membership.json');
    const { networkId, publicKey } = createNetworkKey();
    const membership = { networkId, networkKey: toBase64url(publicKey), addresses: [at(1)] };
    await writeFile(file, encodeMembership(membership));
    return { file, membership, keeper: createMembershipKeeper(file, membership, silentLog) };
  };
  const addressesIn = async (file: string) =>
    membershipSchema.parse(JSON.parse(await readFile(file, 'utf8'))).addresses;

  it('default: a later start finds the addresses that were kept', async () => {
    const { file, membership, keeper } = await kept();

    keeper.keep([at(1), at(2)]);
    await keeper.stop();

    const entry = await chooseEntry(file, undefined);
    expect(entry).to.deep.equal({
      kind: 'member',
      membership: { ...membership, addresses: [at(1), at(2)] },
    });
  });

  it('behaviour: nothing is written while nothing changes', async () => {
    const { file, keeper } = await kept();
    keeper.keep([at(2)]);
    await keeper.stop();
    await writeFile(file, 'untouched');

    keeper.keep([at(2)]);
    await keeper.stop();

    expect(await readFile(file, 'utf8')).to.equal('untouched');
  });

  it('behaviour: no addresses are no reason to forget', async () => {
    const { file, keeper } = await kept();

    keeper.keep([]);
    await keeper.stop();

    expect(await addressesIn(file)).to.deep.equal([at(1)]);
  });

  it('behaviour: what could not be written is written at the next report', async () => {
    const { file, keeper } = await kept();
    await rm(file);
    await mkdir(file);
    keeper.keep([at(2)]);
    await keeper.stop();

    await rm(file, { recursive: true });
    keeper.keep([at(2)]);
    await keeper.stop();

    expect(await addressesIn(file)).to.deep.equal([at(2)]);
  });
});
