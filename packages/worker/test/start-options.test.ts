import { expect } from 'chai';
import { parseSizeBytes } from '../src/sizes.ts';
import { DEFAULT_PRICE, parseStartOptions } from '../src/start-options.ts';
import { codeOf } from './support/errors.ts';

const ENV = { RIOS_HOME: '/home/rios' };

describe('parseStartOptions', () => {
  it('default: listens on all interfaces and offers what the machine has', () => {
    const env = { ...ENV, RIOS_CONTAINER_HOST: 'unix:///engine.sock' };
    expect(parseStartOptions(['--name', 'attic'], env)).to.deep.equal({
      dataDir: '/home/rios/data/worker',
      join: undefined,
      name: 'attic',
      memoryBytes: undefined,
      threads: undefined,
      listen: ['/ip4/0.0.0.0/tcp/0'],
      announce: [],
      region: '',
      labels: {},
      price: DEFAULT_PRICE,
      gpu: false,
      engineHosts: {
        candidates: ['unix:///engine.sock'],
        gvisor: undefined,
        kata: undefined,
        isNamed: true,
      },
      walletBinding: undefined,
      logLevel: 'info',
    });
  });

  it('option: no-containers: no engine is looked for', () => {
    expect(parseStartOptions(['--no-containers'], ENV).engineHosts).to.equal(undefined);
  });

  it('option: every flag', () => {
    const options = parseStartOptions(
      '--data-dir /d --join @/i --name n --memory 2GiB --threads 3 --listen /ip4/1.2.3.4/tcp/1 --listen /ip6/::/tcp/2 --announce /dns/a/tcp/3 --region eu --label a=b --label c=d=e --price 7 --gpu --log-level warn'.split(
        ' ',
      ),
      ENV,
    );

    expect(options).to.include({
      dataDir: '/d',
      join: '@/i',
      memoryBytes: 2 * 2 ** 30,
      threads: 3,
      gpu: true,
    });
    expect(options).to.include({ region: 'eu', price: '7', logLevel: 'warn' });
    expect(options.listen).to.have.length(2);
    expect(options.labels).to.deep.equal({ a: 'b', c: 'd=e' });
  });

  it('behaviour: a flag wins over the environment', () => {
    const env = { ...ENV, RIOS_INVITE: 'from-env', RIOS_DATA_DIR: '/env' };
    expect(parseStartOptions([], env)).to.include({ join: 'from-env', dataDir: '/env' });
    expect(parseStartOptions(['--join', 'given'], env).join).to.equal('given');
  });

  it('behaviour: a host name becomes a valid name', () => {
    expect(parseStartOptions([], ENV).name).to.match(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/);
  });

  it('error USER_UNKNOWN_FLAG', async () => {
    expect(await codeOf(() => parseStartOptions(['--nope'], ENV))).to.equal('USER_UNKNOWN_FLAG');
  });

  const wrong = [
    ['--name', 'two words'],
    ['--memory', 'lots'],
    ['--threads', '0'],
    ['--price', '0.5'],
    ['--label', 'novalue'],
    ['--log-level', 'loud'],
  ];
  for (const args of wrong) {
    it(`error USER_INVALID_REQUEST: ${args.join(' ')}`, async () => {
      expect(await codeOf(() => parseStartOptions(args, ENV))).to.equal('USER_INVALID_REQUEST');
    });
  }
});

describe('parseSizeBytes', () => {
  it('default: bytes, decimal and binary units', () => {
    const sizes = ['17', '1kB', '1 KiB', '1.5MiB', '2G', '3TiB'].map(parseSizeBytes);
    expect(sizes).to.deep.equal([17, 1000, 1024, 1_572_864, 2e9, 3 * 2 ** 40]);
  });
});
