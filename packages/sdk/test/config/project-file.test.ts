import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProject } from '@rios/sdk/config/project-file';
import type { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { temporaryHome } from './home-dir.ts';

describe('config/project-file', () => {
  let place: Awaited<ReturnType<typeof temporaryHome>>;
  beforeEach(async () => {
    place = temporaryHome();
  });

  const given = (text: string) => writeFile(join(place.directory, 'rios.yaml'), text);
  const failure = async (text: string) => {
    await given(text);
    return readProject(place.directory).then(String, (error: RiosError) => error);
  };

  it('default', async () => {
    await given('context: lab\nname: chat\nmodel: tiny-moe\nreplicas: 2\nenv: {TOKEN_URL: "http://mine"}\n');

    expect(await readProject(place.directory)).to.deep.equal({
      context: 'lab',
      name: 'chat',
      model: 'tiny-moe',
      replicas: 2,
      env: { TOKEN_URL: 'http://mine' },
    });
  });

  it('behaviour: no file, or an empty one, is an empty project', async () => {
    expect(await readProject(place.directory)).to.deep.equal({});
    expect(await readProject('/nonexistent/folder')).to.deep.equal({});
    await given('# nothing yet\n');
    expect(await readProject(place.directory)).to.deep.equal({});
  });

  for (const key of [
    'apiUrl',
    'api-url',
    'API_URL',
    'endpoint',
    'keystore',
    'token',
    'tokenFile',
    'token-file',
    'password',
    'dataDir',
    'path',
    'configFile',
    'contexts',
    'logins',
    'proxy',
  ]) {
    it(`error USER_INVALID_REQUEST: ${key} is refused by name`, async () => {
      const error = await failure(`name: chat\n${key}: http://evil.test\n`);

      expect(error).to.include({ code: 'USER_INVALID_REQUEST' });
      expect((error as RiosError).message)
        .to.include(JSON.stringify(key))
        .and.include('redirect');
      expect((error as RiosError).message).not.to.include('evil');
    });
  }

  it('behaviour: everything that may stand in it', async () => {
    const digest = 'b'.repeat(64);
    const all = {
      context: 'lab',
      name: 'chat',
      image: `registry.test:5000/chat@sha256:${digest}`,
      run: ['node', 'server.js'],
      ports: [8080],
      env: { A: 1, B: true, C: 'x' },
      secrets: { DB_URL: 'db-url' },
      cpu: 0.5,
      memory: '256Mi',
      disk: '1Gi',
      pids: 128,
      gpu: 1,
      replicas: { min: 1, max: 5 },
      autoscale: { metric: 'p95', target: 200 },
      health: { http: '/healthz', grace: '10s', interval: 1, timeout: '1s', threshold: 3 },
      sandbox: 'gvisor',
      region: 'eu',
      labels: { disk: 'ssd' },
      egress: ['10.0.0.0/8:5432'],
      maxPrice: 0.5,
      strategy: 'blue-green',
      access: 'token',
    };
    await given(JSON.stringify(all));

    expect(await readProject(place.directory)).to.deep.equal(all);
  });

  for (const [text, key, said] of [
    ['nmae: chat', 'nmae', 'did you mean name?'],
    ['secret: [A]', 'secret', 'did you mean secrets?'],
    ['health: {htpp: /}', 'health.htpp', 'did you mean http?'],
    ['health: {http: /, port: 0}', 'health.port', 'health'],
    ['replicas: {min: 1, maxx: 2}', 'replicas.maxx', 'did you mean max?'],
    ['autoscale: {metrics: cpu, target: 1}', 'autoscale.metrics', 'did you mean metric?'],
    ['image: "chat:latest"', 'image', 'by its digest'],
    ['name: Chat_1', 'name', 'DNS label'],
    ['archive: ../other.tar', 'archive', 'lead out of the folder'],
    ['model: /srv/bundle', 'model', 'lead out of the folder'],
    ['sandbox: docker', 'sandbox', 'standard'],
    ['memory: [1]', 'memory', '256Mi'],
    ['replicas: many', 'replicas', '{min: 1, max: 5}'],
    ['resources: {cpu: 1}', 'resources', 'is not a field'],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${text} is answered with what was meant`, async () => {
      const error = (await failure(text)) as RiosError;

      expect(error.message).to.include(said);
      expect(error.details).to.include({ key });
    });
  }

  for (const [what, text] of [
    ['a context that is more than a name', 'context: {apiUrl: "http://evil.test"}'],
    ['a context that is an address', 'context: "http://evil.test"'],
    ['an unknown field', 'nmae: chat'],
    ['a list', '- name'],
    ['text that is not YAML', 'name: [1'],
    ['aliases', 'name: &a chat\nmodel: *a'],
    ['a file that is too large', `name: ${'x'.repeat(300_000)}`],
    ['a prototype', '__proto__: {context: lab}'],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      expect(await failure(text)).to.include({ code: 'USER_INVALID_REQUEST' });
    });
  }
});
