import { mergeProject } from '@rios/sdk/app/merge-project';
import { resolveAppSpec } from '@rios/sdk/app/resolve-app-spec';
import type { ProjectFile } from '@rios/sdk/config/project-schema';
import { type AppSource, appSpecSchema } from '@rios/sdk/schema/app';
import { expect } from 'chai';

const file = { sha256: 'a'.repeat(64), sizeBytes: 10, chunks: ['a'.repeat(64)] };
const folder: AppSource = { kind: 'folder', file, base: 'rios/node' };
const image: AppSource = { kind: 'image', image: `hello@sha256:${'b'.repeat(64)}` };
const resolve = (project: ProjectFile, source: AppSource = folder, main: string | undefined = 'server.js') =>
  resolveAppSpec(project, { source, main });

describe('app/resolve-app-spec', () => {
  it('default', () => {
    const spec = resolve({ port: 8080 });

    expect(appSpecSchema.parse(spec)).to.deep.equal(spec);
    expect(spec).to.deep.equal({
      source: folder,
      run: ['node', 'server.js'],
      ports: [8080],
      env: { PORT: '8080' },
      secrets: {},
      resources: {
        cpuMillicores: 250,
        memoryBytes: 256 * 1024 ** 2,
        diskBytes: 256 * 1024 ** 2,
        pids: 256,
        gpus: 0,
      },
      replicas: { min: 1, max: 1 },
      autoscale: null,
      health: { kind: 'tcp', port: 8080, graceMs: 30_000, intervalMs: 1000, timeoutMs: 2000, threshold: 3 },
      sandbox: 'standard',
      region: null,
      labels: {},
      egress: [],
      maxPriceWei: null,
      strategy: 'rolling',
      access: 'public',
    });
  });

  it('behaviour: everything can be said', () => {
    const spec = resolve({
      run: `sh -c "echo 'a b' && exec ./x"`,
      ports: [80, 81],
      env: { A: 1, B: true, PORT: 'mine' },
      secrets: ['TOKEN'],
      cpu: '1500m',
      memory: '1.5Gi',
      disk: '10M',
      pids: 64,
      gpu: 1,
      replicas: { min: 0, max: 5 },
      autoscale: { metric: 'p95', target: 200 },
      health: { http: '/healthz', port: 81, grace: '5s', interval: '250ms', timeout: 1, threshold: 2 },
      sandbox: 'gvisor',
      region: 'eu',
      labels: { disk: 'ssd' },
      egress: ['10.0.0.0/8:5432,6432', '192.0.2.7'],
      maxPrice: '0.05 ROS',
      strategy: 'blue-green',
      access: 'token',
    });

    expect(spec.run).to.deep.equal(['sh', '-c', "echo 'a b' && exec ./x"]);
    expect(spec.env).to.deep.equal({ A: '1', B: 'true', PORT: 'mine' });
    expect(spec.secrets).to.deep.equal({ TOKEN: 'TOKEN' });
    expect(spec.resources).to.deep.equal({
      cpuMillicores: 1500,
      memoryBytes: 1.5 * 1024 ** 3,
      diskBytes: 10_000_000,
      pids: 64,
      gpus: 1,
    });
    expect(spec.health).to.deep.equal({
      kind: 'http',
      path: '/healthz',
      port: 81,
      graceMs: 5000,
      intervalMs: 250,
      timeoutMs: 1000,
      threshold: 2,
    });
    expect(spec.egress).to.deep.equal([
      { cidr: '10.0.0.0/8', ports: [5432, 6432] },
      { cidr: '192.0.2.7/32', ports: [] },
    ]);
    expect(spec).to.deep.include({
      autoscale: { metric: 'p95', target: 200 },
      maxPriceWei: '50000000000000000',
    });
  });

  it('behaviour: bounds alone follow the load; an image needs no command; no port, no check', () => {
    expect(resolve({ replicas: { min: 1, max: 4 } }).autoscale).to.deep.equal({
      metric: 'concurrency',
      target: 20,
    });
    expect(resolve({}, image, undefined)).to.deep.include({
      run: [],
      ports: [],
      health: { kind: 'none' },
      env: {},
    });
  });

  it('behaviour: flags count over the file; variables, secrets and labels are joined', () => {
    const file: ProjectFile = {
      image: `hello@sha256:${'b'.repeat(64)}`,
      port: 80,
      env: { A: 'file', B: 'file' },
      secrets: ['X'],
      cpu: 2,
    };
    const merged = mergeProject(file, {
      ports: [81],
      env: { B: 'flag' },
      secrets: { Y: 'y' },
      base: 'rios/node',
    });

    expect(merged).to.deep.equal({
      ports: [81],
      base: 'rios/node',
      cpu: 2,
      env: { A: 'file', B: 'flag' },
      secrets: { X: 'X', Y: 'y' },
      labels: {},
    });
  });

  for (const [what, project, word] of [
    ['both port and ports', { port: 1, ports: [2] }, 'port and ports'],
    ['a port twice', { ports: [1, 1] }, 'twice'],
    ['cores of nothing', { cpu: 'much' }, 'cpu'],
    ['cores below the least', { cpu: 0.001 }, 'cpu'],
    ['memory without a unit', { memory: 256 }, 'memory'],
    ['memory with a wrong unit', { memory: '256 miles' }, 'memory'],
    ['min above max', { replicas: { min: 3, max: 2 } }, 'min 3'],
    ['autoscale without bounds', { autoscale: { metric: 'cpu', target: 50 } }, 'autoscale'],
    ['two checks', { port: 1, health: { http: '/', tcp: true } }, 'health'],
    ['no check', { port: 1, health: { grace: '1s' } }, 'health'],
    ['a check of a port that is not declared', { port: 1, health: { tcp: 2 } }, 'port 2'],
    ['a check without a port', { health: { http: '/' } }, 'no port'],
    ['a grace that is no duration', { port: 1, health: { tcp: true, grace: 'soon' } }, 'soon'],
    ['egress by name', { egress: ['example.org:443'] }, 'example.org'],
    ['egress of an address that is none', { egress: ['300.1.1.1'] }, '300.1.1.1'],
    ['egress of a block that is none', { egress: ['10.0.0.0/33'] }, '/33'],
    ['egress to a port that is none', { egress: ['10.0.0.0/8:70000'] }, '70000'],
    ['a price that is none', { maxPrice: '1e3' }, 'exponent'],
    ['a variable that is a secret too', { env: { A: '1' }, secrets: ['A'] }, 'A is a secret'],
    ['a quote without an end', { run: 'node "x' }, 'quote'],
  ] as const satisfies readonly (readonly [string, ProjectFile, string])[]) {
    it(`error USER_INVALID_REQUEST: ${what}`, () => {
      expect(() => resolve(project))
        .to.throw(word)
        .with.property('code', 'USER_INVALID_REQUEST');
    });
  }

  it('error USER_INVALID_REQUEST: nothing says how to start it', () => {
    expect(() => resolveAppSpec({}, { source: folder })).to.throw('run:');
    expect(() => resolve({}, { ...folder, base: 'rios/python' })).to.throw('run:');
  });
});
