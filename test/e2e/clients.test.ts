import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Devnet, startDevnet } from '../support/devnet.ts';
import { lastJson } from '../support/rios.ts';
import { ROOT, runProgram } from '../support/run-script.ts';
import { type ReferenceCase, readReferenceCase } from '../support/tiny-moe.ts';

/** What a user of a generated client writes; it is compiled with it, strictly. */
const PROGRAM = `
import { Api } from './Api.ts';

const [baseUrl = '', token = '', prompt = ''] = process.argv.slice(2);
const api = new Api<string>({
  baseUrl,
  securityWorker: (text) => (text === null ? {} : { headers: { authorization: \`Bearer \${text}\` } }),
});
const refusal = async (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    ({ status, error }: { status: number; error: { error: { code: string; retryable: boolean } } }) => ({
      status,
      code: error.error.code,
      retryable: error.error.retryable,
    }),
  );

const unknown = await refusal(api.v1.listModels());
api.setSecurityData(token);
const models = await api.v1.listModels();
const model: string = models.data.data[0]?.id ?? '';
const signUp = await refusal(
  api.v1.signUp({ email: 'ada@example.org', password: 'password', displayName: 'Ada' }),
);
const asked = { model, prompt, max_tokens: 8, temperature: 0 };
const completion = await api.v1.createCompletion(asked);
const missing = await refusal(api.v1.createCompletion({ ...asked, model: 'nothing' }));
const key = crypto.randomUUID();
const invites = await Promise.all(
  [0, 1].map(async () => {
    const made = await api.v1.createInvite({}, { headers: { 'idempotency-key': key } }).catch(() => undefined);
    return made?.data.view.id;
  }),
);
console.log(
  JSON.stringify({
    unknown,
    models: models.data.data.map(({ id }) => id),
    signUp,
    text: completion.data.choices[0]?.text,
    missing,
    invites: new Set(invites.filter((id) => id !== undefined)).size,
  }),
);
`;

const CURL = await runProgram('curl', ['--version']).then(
  ({ code }) => code === 0,
  () => false,
);

describe('clients of other makers', function () {
  this.timeout(120_000);
  let network: Devnet;
  let reference: ReferenceCase;
  let expected: string;
  before(async () => {
    reference = await readReferenceCase('genesis');
    network = await startDevnet({ workers: 1 });
    await network.pushTinyMoe();
    await network.place('tiny-moe', { shape: 'replica' });
    const body = { model: 'tiny-moe', prompt: reference.prompt, max_tokens: 8, temperature: 0 };
    expected = (await network.client.createCompletion({ body })).choices[0]?.text ?? '';
  });
  after(() => network?.stop());

  describe('generated from /v1/openapi.json', () => {
    const fetchDocument = async () => {
      const file = join(network.folder, 'openapi.json');
      await writeFile(file, await (await fetch(`${network.apiUrl}/v1/openapi.json`)).text());
      return file;
    };

    it('behaviour: the document is valid OpenAPI 3.1', async () => {
      // the validator that the generator brings along
      const generator = createRequire(import.meta.url).resolve('swagger-typescript-api');
      const { validate } = createRequire(generator)('@apidevtools/swagger-parser') as {
        validate(file: string): Promise<{ openapi: string; paths: object }>;
      };
      const { openapi, paths } = await validate(await fetchDocument());

      expect(openapi).to.match(/^3\.1\./);
      expect(Object.keys(paths)).to.include.members(['/v1/models', '/v1/completions', '/v1/accounts']);
    });

    it('default: a client by swagger-typescript-api compiles strictly and works', async () => {
      const { folder, apiUrl, token } = network;
      const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name);
      const file = await fetchDocument();
      const made = await runProgram(bin('swagger-typescript-api'), [
        'generate',
        '-p',
        file,
        '-o',
        folder,
        '-n',
        'Api.ts',
        '--responses',
        '--silent',
      ]);
      expect(made.code, made.stderr).to.equal(0);
      await writeFile(join(folder, 'use.ts'), PROGRAM);
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
      const options = [
        '--strict',
        '--target',
        'es2022',
        '--module',
        'nodenext',
        '--lib',
        'es2023,dom',
        '--skipLibCheck',
      ];
      const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules', '@types')];
      const compiled = await runProgram(
        bin('tsc'),
        [
          ...options,
          ...types,
          '--rewriteRelativeImportExtensions',
          '--outDir',
          join(folder, 'out'),
          join(folder, 'use.ts'),
        ],
        { cwd: folder },
      );
      expect(compiled.code, compiled.stdout).to.equal(0);

      const used = await runProgram(process.execPath, [
        join(folder, 'out', 'use.js'),
        apiUrl,
        token,
        reference.prompt,
      ]);
      expect(used.code, used.stderr).to.equal(0);
      expect(lastJson(used.stdout)).to.deep.equal({
        unknown: { status: 401, code: 'AUTH_REQUIRED', retryable: false },
        models: ['tiny-moe'],
        signUp: { status: 400, code: 'USER_PASSWORD_WEAK', retryable: false },
        text: expected,
        missing: { status: 404, code: 'NOT_FOUND_MODEL', retryable: false },
        invites: 1,
      });
    });
  });

  describe('curl', () => {
    before(function () {
      if (CURL) return;
      console.log('      curl is not installed');
      this.skip();
    });
    /** Runs curl; the token goes by its configuration on stdin, not in its arguments. */
    const curl = async (path: string, ...args: string[]) => {
      const config = `header = "Authorization: Bearer ${network.token}"\n`;
      const all = ['--silent', '--show-error', '--no-buffer', '--max-time', '30', '--config', '-', ...args];
      return runProgram('curl', [...all, `${network.apiUrl}${path}`], { stdin: config });
    };
    const json = ['--header', 'Content-Type: application/json', '--data'];
    const asked = () => ({ model: 'tiny-moe', prompt: reference.prompt, max_tokens: 8, temperature: 0 });

    it('default: models, and a completion as one answer and as a stream', async () => {
      const models = JSON.parse((await curl('/v1/models')).stdout) as { data: { id: string }[] };
      expect(models.data.map(({ id }) => id)).to.deep.equal(['tiny-moe']);
      const whole = await curl('/v1/completions', ...json, JSON.stringify(asked()));
      expect(JSON.parse(whole.stdout)).to.have.nested.property('choices[0].text', expected);

      const streamed = await curl('/v1/completions', ...json, JSON.stringify({ ...asked(), stream: true }));
      const data = [...streamed.stdout.matchAll(/^data: (.*)$/gm)].map(([, text = '']) => text);
      expect(data.at(-1)).to.equal('[DONE]');
      const texts = data.slice(0, -1).map((text) => JSON.parse(text) as { choices: { text: string }[] });
      expect(texts.map(({ choices }) => choices[0]?.text ?? '').join('')).to.equal(expected);
    });

    it('behaviour: --fail tells a refusal by its exit code; limits and request id are in the headers', async () => {
      expect((await curl('/v1/models/nothing', '--fail')).code).to.equal(22);
      const { stdout } = await curl('/v1/models', '--include');

      expect(stdout).to.match(/^HTTP\/1\.1 200 /);
      expect(stdout)
        .to.match(/^x-ratelimit-remaining: \d+\r$/im)
        .and.match(/^x-request-id: req_/im);
    });

    it('behaviour: it follows events until it is ended, and goes on by Last-Event-ID', async () => {
      const first = await curl('/v1/events?after=0', '--max-time', '2');
      const ids = [...first.stdout.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
      expect(first.code, 'ended by its time limit').to.equal(28);
      expect(ids.length).to.be.above(2);

      const later = await curl('/v1/events', '--max-time', '2', '--header', `Last-Event-ID: ${ids.at(-2)}`);
      expect(later.stdout)
        .to.contain(`id: ${ids.at(-1)}\n`)
        .and.not.contain(`id: ${ids.at(-2)}\n`);
    });
  });
});
