import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readInvite, workerArguments } from '../../src/actions/worker/start.ts';
import { temporaryDirectory } from '../support/run-cli.ts';

describe('actions/worker/start', () => {
  it('default', () => {
    expect(
      workerArguments({ dataDir: '/d', listen: [], announce: [], labels: [], gpu: false }),
    ).to.deep.equal(['start', '--data-dir=/d']);
  });

  it('behaviour: everything but the invite becomes an argument', () => {
    const options = {
      dataDir: '/d',
      join: 'SECRET',
      name: 'w',
      memory: '4GiB',
      threads: 2,
      listen: ['/ip4/0.0.0.0/tcp/1', '/ip4/0.0.0.0/tcp/2'],
      announce: ['/dns4/x/tcp/1'],
      region: 'eu',
      labels: ['a=b', '--gpu'],
      price: '5',
      gpu: true,
      logLevel: 'debug',
    };

    expect(workerArguments(options)).to.deep.equal([
      'start',
      '--data-dir=/d',
      '--name=w',
      '--memory=4GiB',
      '--threads=2',
      '--region=eu',
      '--price=5',
      '--log-level=debug',
      '--listen=/ip4/0.0.0.0/tcp/1',
      '--listen=/ip4/0.0.0.0/tcp/2',
      '--announce=/dns4/x/tcp/1',
      '--label=a=b',
      '--label=--gpu',
      '--gpu',
    ]);
  });

  it('behaviour: an invite comes from the text, or a file', async () => {
    const place = await temporaryDirectory();
    const file = join(place.path, 'invite');
    await writeFile(file, 'rios-invite-1\n');

    expect(await readInvite('rios-invite-2')).to.equal('rios-invite-2');
    expect(await readInvite(`@${file}`)).to.equal('rios-invite-1');
    expect(await readInvite(undefined)).to.equal(undefined);
    await place.remove();
  });
});
