import { expect } from 'chai';
import { createOptions } from '../../src/container/create-options.ts';
import type { ContainerSpec } from '../../src/container/engine.ts';

const spec = (fields: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: 'rios-rep_1-1',
  labels: { a: 'b' },
  image: 'sha256:1',
  volumes: [],
  run: ['node', 'server.js'],
  env: { GREETING: 'hello=1' },
  uid: 200_001,
  appFolder: '/data/folders/1',
  ports: [8080],
  network: 'rios-1',
  resources: { cpuMillicores: 250, memoryBytes: 64e6, diskBytes: 1e6, pids: 32, gpus: 0 },
  sandbox: 'standard',
  ...fields,
});

describe('createOptions', () => {
  it('default: no capability, no new privilege, read-only root, not root, a bound on everything', () => {
    const { User, HostConfig } = createOptions(spec(), undefined);

    expect(User).to.equal('200001:200001');
    expect(HostConfig).to.include({
      ReadonlyRootfs: true,
      Privileged: false,
      Memory: 64e6,
      MemorySwap: 64e6,
      NanoCpus: 250_000_000,
      PidsLimit: 32,
    });
    expect(HostConfig?.CapDrop).to.deep.equal(['ALL']);
    expect(HostConfig).to.not.have.any.keys(
      'CapAdd',
      'Devices',
      'PidMode',
      'IpcMode',
      'UsernsMode',
      'Runtime',
    );
    expect(HostConfig?.SecurityOpt).to.deep.equal(['no-new-privileges']);
    expect(HostConfig?.Ulimits?.map(({ Name }) => Name)).to.deep.equal(['nofile', 'nproc', 'core']);
    expect(HostConfig?.LogConfig?.Config).to.have.property('max-size');
  });

  it('behaviour: ports are published on loopback alone, the folder is read-only', () => {
    const { HostConfig, ExposedPorts, WorkingDir } = createOptions(spec({ ports: [8080, 9090] }), undefined);

    const binding = [{ HostIp: '127.0.0.1', HostPort: '' }];
    expect(HostConfig?.PortBindings).to.deep.equal({ '8080/tcp': binding, '9090/tcp': binding });
    expect(ExposedPorts).to.have.keys('8080/tcp', '9090/tcp');
    expect(HostConfig?.Binds).to.deep.equal(['/data/folders/1:/app:ro']);
    expect(WorkingDir).to.equal('/app');
  });

  it('behaviour: without a network there is none', () => {
    const { HostConfig } = createOptions(spec({ network: undefined, ports: [] }), undefined);

    expect(HostConfig?.NetworkMode).to.equal('none');
  });

  it('behaviour: volumes of an image become tmpfs of the disk’s size', () => {
    const { HostConfig } = createOptions(spec({ volumes: ['/var/lib/db'] }), undefined);

    const tmpfs = HostConfig?.Tmpfs as Record<string, string>;
    expect(Object.keys(tmpfs)).to.deep.equal(['/tmp', '/run', '/var/tmp', '/var/lib/db']);
    for (const [path, options] of Object.entries(tmpfs))
      expect(options, path).to.match(/nosuid,nodev.*size=1000000$/);
  });

  it('behaviour: the image’s own command stays unless one is given', () => {
    const own = createOptions(spec({ run: [] }), undefined);
    const given = createOptions(spec({ run: ['true'] }), undefined);

    expect(own).to.not.have.any.keys('Entrypoint', 'Cmd');
    expect(given.Entrypoint).to.deep.equal(['true']);
    expect(given.Cmd).to.deep.equal([]);
  });

  it('option: runtime: asked for by name; gVisor’s own threads get room', () => {
    const { HostConfig } = createOptions(spec({ sandbox: 'gvisor' }), 'runsc');

    expect(HostConfig).to.include({ Runtime: 'runsc', PidsLimit: 256 });
  });
});
