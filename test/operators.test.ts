import { existsSync, readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { routes } from '@rios/sdk/api/routes';
import { expect } from 'chai';
import { parse } from 'yaml';
import { type Config, readConfig, USAGE } from '../packages/orchestrator/src/config.ts';
import { createMasterKeyFile } from '../packages/orchestrator/src/crypto/master-key-file.ts';
import { loadMasterKeys } from '../packages/orchestrator/src/crypto/master-keys.ts';
import { readTls } from '../packages/orchestrator/src/gateway/tls.ts';
import { type Finished, ROOT, runProgram } from './support/run-script.ts';
import { createTempFolder, removeFolder } from './support/temp-folder.ts';

/** What of a compose file these checks read. */
interface Compose {
  readonly services: Record<string, Service>;
  readonly volumes: Record<string, unknown>;
  readonly secrets: Record<string, { readonly file: string }>;
}
interface Service {
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Record<string, string>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Record<string, { readonly condition: string }> | readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

const FOLDER = join(ROOT, 'examples', 'operators');
const PUBLIC_IP = '203.0.113.7';
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

describe('examples/operators', function () {
  this.timeout(60_000);
  const text = read('docker-compose.yaml').replaceAll(/\$\{PUBLIC_IP:\?\}/g, PUBLIC_IP);
  const compose = parse(text, { merge: true }) as Compose;
  const orchestrators = Object.entries(compose.services).filter(([name]) => name.startsWith('orchestrator-'));
  let folder: string;
  let secrets: string;
  before(async () => {
    folder = await createTempFolder();
    secrets = join(folder, 'secrets');
    const made = await runProgram('sh', [join(FOLDER, 'make-secrets.sh'), 'localhost', PUBLIC_IP, secrets]);
    expect(made.code, made.stderr).to.equal(0);
  });
  after(() => removeFolder(folder));

  /** Where a path below ./secrets or /run/secrets is here. */
  const secretFile = (path: string) => {
    const named = path.startsWith('/run/secrets/') ? compose.secrets[path.slice(13)]?.file : path;
    return join(secrets, String(named).replace('./secrets/', ''));
  };
  /** The service's environment as its program sees it: NAME_FILE read into NAME, secrets where they are here. */
  const environmentOf = ({ environment = {} }: Service) =>
    Object.fromEntries(
      Object.entries(environment).map(([name, value]) => {
        const path = value.startsWith('/run/secrets/') ? secretFile(value) : value;
        return name.endsWith('_URL_FILE')
          ? [name.slice(0, -5), readFileSync(path, 'utf8').trim()]
          : [name, path];
      }),
    );
  const configOf = (service: Service): Config =>
    readConfig((service.command ?? []).slice(1), environmentOf(service));
  const entrypoint = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<Finished> =>
    runProgram('sh', [join(FOLDER, 'entrypoint.sh'), ...args], { env });

  it('default: two orchestrators, and the servers and the balancer that they need', () => {
    expect(Object.keys(compose.services)).to.have.members([
      'orchestrator-1',
      'orchestrator-2',
      'balancer',
      'postgres',
      'redis',
      'rabbitmq',
    ]);
  });

  it('behaviour: the program knows every variable and flag, and takes their values', () => {
    for (const [name, service] of orchestrators) {
      for (const variable of Object.keys(service.environment ?? {})) {
        const known = variable.startsWith('RIOS_ORCHESTRATOR_')
          ? `--${variable.slice(18).toLowerCase().replaceAll('_', '-')} `
          : variable.replace('_URL_FILE', '_URL');
        expect(USAGE, `${name}: ${variable}`).to.contain(known);
      }
      expect(service.command?.[0]).to.equal('start');
      const { engines, tls, masterKeyFile, apiHost, announce } = configOf(service);
      expect(engines.database, name).to.match(/^postgres:\/\/rios:[0-9a-f]{48}@postgres:5432\/rios$/);
      expect(engines.redis, name).to.match(/^redis:\/\/:[0-9a-f]{48}@redis:6379$/);
      expect(engines.amqp, name).to.match(/^amqp:\/\/rios:[0-9a-f]{48}@rabbitmq:5672$/);
      expect(tls?.cert, name).to.equal(join(secrets, 'tls.crt'));
      expect(masterKeyFile, name).to.equal(join(secrets, 'master.key'));
      expect(apiHost).to.equal('0.0.0.0');
      expect(announce[0]).to.match(/^\/ip4\/203\.0\.113\.7\/tcp\/707[12]$/);
    }
  });

  it('behaviour: workers reach each orchestrator at the port that it announces', () => {
    const announced = orchestrators.map(([name, service]) => {
      const { announce, listen } = configOf(service);
      const [from, to] = [announce[0], listen[0]].map((address) => address?.split('/').at(-1));
      expect(service.ports, name).to.deep.equal([`${from}:${to}`]);
      return from;
    });

    expect(new Set(announced).size).to.equal(2);
  });

  it('behaviour: the secrets open what they are for, to their owner alone', async () => {
    expect(
      (await loadMasterKeys(createMasterKeyFile(join(secrets, 'master.key')), { create: false })).current
        .bytes,
    ).to.have.length(32);
    expect(await readTls({ cert: join(secrets, 'tls.crt'), key: join(secrets, 'tls.key') })).to.include({
      minVersion: 'TLSv1.3',
    });
    expect((await stat(secrets)).mode & 0o077).to.equal(0);
    for (const name of ['database_url', 'redis_url', 'amqp_url', 'master.key', 'tls.key']) {
      expect((await stat(join(secrets, name))).mode & 0o077, name).to.equal(0);
    }
    const password = textOf(join(secrets, 'postgres_password'));
    expect(textOf(join(secrets, 'database_url'))).to.contain(`:${password}@`);
    expect(textOf(join(secrets, 'redis_url'))).to.contain(
      textOf(join(secrets, 'redis.conf')).replace('requirepass ', ''),
    );
    expect(textOf(join(secrets, 'amqp_url'))).to.contain(
      textOf(join(secrets, 'rabbitmq.conf')).split(' ').at(-1),
    );
  });

  it('behaviour: secrets made once stay', async () => {
    const before = await readFile(join(secrets, 'database_url'), 'utf8');

    await runProgram('sh', [join(FOLDER, 'make-secrets.sh'), 'localhost', PUBLIC_IP, secrets]);

    expect(await readFile(join(secrets, 'database_url'), 'utf8')).to.equal(before);
  });

  it('behaviour: every secret, volume, service and file that is named is there', () => {
    for (const { file } of Object.values(compose.secrets))
      expect(existsSync(secretFile(file)), file).to.equal(true);
    for (const [name, service] of Object.entries(compose.services)) {
      for (const secret of service.secrets ?? []) expect(compose.secrets, name).to.have.property(secret);
      for (const volume of service.volumes ?? []) {
        const [from = ''] = volume.split(':');
        if (from.startsWith('./secrets/')) expect(existsSync(secretFile(from)), from).to.equal(true);
        else if (from.startsWith('./')) expect(existsSync(join(FOLDER, from)), from).to.equal(true);
        else expect(compose.volumes, name).to.have.property(from);
      }
      const needed = service.depends_on ?? [];
      for (const other of Array.isArray(needed) ? needed : Object.keys(needed)) {
        expect(compose.services, `${name} needs ${other}`).to.have.property(other);
        if (!Array.isArray(needed))
          expect(compose.services[other]?.healthcheck, other).to.not.equal(undefined);
      }
    }
  });

  it('behaviour: the image is built from files that are there', () => {
    for (const [, { build }] of orchestrators) {
      expect(existsSync(join(FOLDER, build?.context ?? '', build?.dockerfile ?? ''))).to.equal(true);
    }
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = '']) =>
      from.split(' '),
    );
    expect(copied).to.not.have.length(0);
    for (const path of copied) expect(existsSync(join(ROOT, path)), path).to.equal(true);
    expect(read('Dockerfile')).to.contain(
      compose.services['orchestrator-1']?.environment?.RIOS_ORCHESTRATOR_DATA_DIR,
    );
  });

  it('behaviour: health is asked where it is told', () => {
    expect(read('healthy.mjs')).to.contain(`'${routes.health.path}'`);
    expect(read('haproxy.cfg')).to.contain(`uri ${routes.health.path} `);
    for (const [name, { healthcheck, environment }] of orchestrators) {
      const script = String(healthcheck?.test.at(-1)).replace('/rios/', '');
      expect(existsSync(join(ROOT, script)), script).to.equal(true);
      const port = environment?.RIOS_ORCHESTRATOR_API_PORT;
      expect(read('haproxy.cfg')).to.contain(`server ${name} ${name}:${port}\n`);
    }
  });

  it('behaviour: the entrypoint starts the program, with the secrets that files hold', async () => {
    const file = join(secrets, 'not-a-url');
    await runProgram('sh', ['-c', `echo 'mysql://elsewhere' > ${file}`]);

    const help = await entrypoint(['--help'], {});
    const refused = await entrypoint(['start', '--data-dir', join(folder, 'data')], {
      DATABASE_URL_FILE: file,
    });

    expect(help.stdout).to.equal(USAGE);
    expect(refused.stdout).to.contain('DATABASE_URL is no URL');
    expect(refused.stdout + refused.stderr).to.not.contain('elsewhere');
  });
});

const textOf = (file: string) => readFileSync(file, 'utf8').trim();
