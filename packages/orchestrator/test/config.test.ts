import { expect } from 'chai';
import { DEFAULT_BLOB_QUOTA_BYTES, readConfig } from '../src/config.ts';

describe('readConfig', () => {
  const env = { RIOS_HOME: '/home/x' };

  it('default: loopback API, all interfaces for peers, 50 GB of blobs', () => {
    expect(readConfig([], env)).to.deep.include({
      dataDir: '/home/x/data/orchestrator',
      apiHost: '127.0.0.1',
      apiPort: 7070,
      listen: ['/ip4/0.0.0.0/tcp/7071'],
      announce: [],
      logLevel: 'info',
      blobQuotaBytes: DEFAULT_BLOB_QUOTA_BYTES,
      tls: undefined,
      tlsDev: false,
      rate: { burst: 100, perSecond: 10 },
      trustedProxies: [],
      publicUrl: undefined,
      chain: { file: undefined, rpcUrl: undefined },
    });
  });

  it('behaviour: a flag counts before the environment', () => {
    const both = {
      ...env,
      RIOS_ORCHESTRATOR_API_PORT: '1',
      RIOS_ORCHESTRATOR_LISTEN: '/ip4/1.2.3.4/tcp/1,/ip4/1.2.3.4/tcp/2',
    };

    expect(readConfig([], both)).to.deep.include({
      apiPort: 1,
      listen: ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2'],
    });
    const args = ['--api-port', '2', '--listen', '/ip4/9.9.9.9/tcp/1'];
    expect(readConfig(args, both)).to.deep.include({ apiPort: 2, listen: ['/ip4/9.9.9.9/tcp/1'] });
  });

  it('option: a chain; an RPC of one’s own also from the environment, where no list of processes shows it', () => {
    const given = { ...env, RIOS_ORCHESTRATOR_RPC_URL: 'https://key@rpc.example/' };

    expect(readConfig(['--chain-file', '/etc/rios/chain.json'], given).chain).to.deep.equal({
      file: '/etc/rios/chain.json',
      rpcUrl: 'https://key@rpc.example/',
    });
  });

  it('option: how it settles; amounts are exact, and what is none is refused', () => {
    const file = { ...env, RIOS_SETTLEMENT_PASSWORD_FILE: '/run/password' };
    const args = [
      '--settlement-key-file=/run/key',
      '--gas-budget=0.000000000000000001',
      '--collect-after',
      '5',
    ];

    expect(readConfig([], env).settlement).to.deep.equal({
      keyFile: undefined,
      passwordFile: undefined,
      gasBudgetWei: 5n * 10n ** 17n,
      maxFeePerGas: 200n * 10n ** 9n,
      collectAfterMs: 3_600_000,
    });
    expect(readConfig(args, file).settlement).to.deep.include({
      keyFile: '/run/key',
      passwordFile: '/run/password',
      gasBudgetWei: 1n,
      collectAfterMs: 5_000,
    });
    for (const wrong of ['-1', '1e3', '0.0000000000000000001', '', 'much']) {
      expect(() => readConfig([`--gas-budget=${wrong}`], env), wrong).to.throw(/--gas-budget/);
    }
    expect(() => readConfig(['--max-gas-price=0.0000000001'], env)).to.throw(/--max-gas-price/);
    expect(() => readConfig(['--collect-after=-1'], env)).to.throw(/--collect-after/);
  });

  it('option: proxies and the public origin, also from the environment', () => {
    const args = ['--trusted-proxy', '::1', '--trusted-proxy=10.0.0.0/8', '--public-url=https://r.example/'];
    const expected = { trustedProxies: ['::1', '10.0.0.0/8'], publicUrl: 'https://r.example' };
    const given = {
      ...env,
      RIOS_ORCHESTRATOR_TRUSTED_PROXY: '::1,10.0.0.0/8',
      RIOS_ORCHESTRATOR_PUBLIC_URL: 'https://r.example',
    };

    expect(readConfig(args, env)).to.deep.include(expected);
    expect(readConfig([], given)).to.deep.include(expected);
    expect(readConfig(['--public-url', 'http://127.0.0.1:7'], env).publicUrl).to.equal('http://127.0.0.1:7');
  });

  it('option: outside-logins names a file; none without', () => {
    const byEnv = { ...env, RIOS_ORCHESTRATOR_OUTSIDE_LOGINS: '/etc/rios/a.yaml' };
    const byFlag = readConfig(['--outside-logins', '/etc/rios/b.yaml'], byEnv);

    expect(readConfig([], env).outsideLoginsFile).to.equal(undefined);
    expect(readConfig([], byEnv).outsideLoginsFile).to.equal('/etc/rios/a.yaml');
    expect(byFlag.outsideLoginsFile).to.equal('/etc/rios/b.yaml');
  });

  for (const args of [
    ['--public-url', 'http://rios.example.org'],
    ['--public-url', 'https://rios.example.org/path'],
    ['--public-url', 'rios.example.org'],
    ['--api-port', '70000'],
    ['--api-port', 'x'],
    ['--listen', 'localhost:1'],
    ['--log-level', 'loud'],
    ['--blob-quota=-1'],
    ['--tls-cert', 'cert.pem'],
    ['--rate-burst', '0'],
    ['--data-dir', ''],
    ['--trusted-proxy', '0.0.0.0/0'],
    ['--trusted-proxy', 'proxy.example.org'],
    ['--trusted-proxy', '10.0.0.0/33'],
    ['--public-url', 'http://rios.example.org'],
    ['--public-url', 'https://rios.example.org/api'],
    ['--public-url', 'https://user@rios.example.org'],
    ['--public-url', 'rios.example.org'],
  ]) {
    it(`error USER_INVALID_REQUEST: ${args.join(' ')}`, () => {
      expect(() => readConfig(args, env))
        .to.throw((args[0] ?? '').split('=')[0] ?? '')
        .with.property('code', 'USER_INVALID_REQUEST');
    });
  }

  for (const args of [['--nope'], ['extra'], ['--api-port']]) {
    it(`error USER_UNKNOWN_FLAG: ${args.join(' ')}`, () => {
      expect(() => readConfig(args, env))
        .to.throw()
        .with.property('code', 'USER_UNKNOWN_FLAG');
    });
  }
});
