import { changeSpec } from '@rios/sdk/app/change-spec';
import { resolveAppSpec } from '@rios/sdk/app/resolve-app-spec';
import type { ProjectFile } from '@rios/sdk/config/project-schema';
import { RiosError } from '@rios/sdk/errors/error';
import type { AppSource, AppSpec } from '@rios/sdk/schema/app';
import { expect } from 'chai';

const SHA256 = 'a'.repeat(64);
const folder: AppSource = {
  kind: 'folder',
  file: { sha256: SHA256, sizeBytes: 10, chunks: [SHA256] },
  base: 'rios/node',
};
const image = `lab.example/hello@sha256:${'b'.repeat(64)}`;

const aSpec = (project: ProjectFile = {}): AppSpec =>
  resolveAppSpec(
    { port: 8080, health: { http: '/healthz' }, env: { LOG: 'info' }, secrets: ['DB_URL'], ...project },
    { source: folder, main: 'server.js' },
  );
const change = (given: ProjectFile, unset: string[] = [], spec = aSpec()) =>
  changeSpec(spec, { given, unset });
const refusal = (given: ProjectFile, unset: string[] = [], spec = aSpec()): string => {
  try {
    change(given, unset, spec);
  } catch (error) {
    if (error instanceof RiosError && error.code === 'USER_INVALID_REQUEST') return error.message;
    throw error;
  }
  return 'none';
};

describe('changeSpec', () => {
  it('default: what is not said stays', () => {
    expect(change({})).to.deep.equal(aSpec());
    expect(change({ memory: '1Gi', cpu: 2, region: 'eu' })).to.deep.equal({
      ...aSpec(),
      region: 'eu',
      resources: { ...aSpec().resources, memoryBytes: 1024 ** 3, cpuMillicores: 2000 },
    });
  });

  it('behaviour: variables are joined by name, taken away, and move between env and secrets', () => {
    expect(change({ env: { MORE: 1 } }).env).to.deep.equal({ PORT: '8080', LOG: 'info', MORE: '1' });
    expect(change({}, ['LOG', 'DB_URL'])).to.deep.include({ env: { PORT: '8080' }, secrets: {} });
    const moved = change({ secrets: { LOG: 'log-level' }, env: { DB_URL: 'none' } });
    expect(moved.env).to.deep.equal({ PORT: '8080', DB_URL: 'none' });
    expect(moved.secrets).to.deep.equal({ LOG: 'log-level' });
  });

  it('behaviour: the check and PORT follow the first port', () => {
    const { ports, env, health } = change({ ports: [9000] });

    expect(ports).to.deep.equal([9000]);
    expect(env.PORT).to.equal('9000');
    expect(health).to.include({ kind: 'http', path: '/healthz', port: 9000 });
    expect(change({ ports: [9000], env: { PORT: '7' } }).env.PORT).to.equal('7');
  });

  it('behaviour: a rule of the autoscaler stays when only the bounds change', () => {
    const spec = aSpec({ replicas: { min: 1, max: 3 }, autoscale: { metric: 'cpu', target: 70 } });

    expect(change({ replicas: { min: 2, max: 9 } }, [], spec)).to.deep.include({
      replicas: { min: 2, max: 9 },
      autoscale: { metric: 'cpu', target: 70 },
    });
    expect(change({ replicas: 4 }, [], spec).autoscale).to.equal(null);
  });

  it('behaviour: an image takes the place of the folder, without its command', () => {
    expect(change({ image })).to.deep.include({ source: { kind: 'image', image }, run: [] });
    expect(change({ image, run: 'node x.js' }).run).to.deep.equal(['node', 'x.js']);
    expect(change({ base: 'rios/other' }).source).to.deep.equal({ ...folder, base: 'rios/other' });
  });

  it('error USER_INVALID_REQUEST: names what cannot be', () => {
    expect(refusal({}, ['NEVER'])).to.contain('NEVER');
    expect(refusal({ env: { A: 'x' }, secrets: { A: 'a' } })).to.contain('A is a secret as well');
    expect(refusal({ memory: '1Ki' })).to.contain('memory');
    expect(refusal({ base: 'rios/node' }, [], change({ image }))).to.contain('base');
    const second = aSpec({ port: undefined, ports: [80, 81], health: { tcp: 81 } } as ProjectFile);
    expect(refusal({ ports: [80] }, [], second)).to.contain('81');
  });
});
