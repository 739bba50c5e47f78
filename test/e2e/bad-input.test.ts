import { cp, open, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Devnet, startDevnet } from '../support/devnet.ts';
import { riosError } from '../support/rios.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { TINY_MOE, tinyMoeBundle } from '../support/tiny-moe.ts';

describe('bad input at the command line', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await createTempFolder();
  });
  afterEach(() => removeFolder(folder));

  describe('rios model split', () => {
    const splitError = async (spoil: (checkpoint: string) => Promise<void>) => {
      const checkpoint = join(folder, 'checkpoint');
      await cp(TINY_MOE, checkpoint, { recursive: true });
      await spoil(checkpoint);
      const { exit, code, hint } = await riosError([
        'model',
        'split',
        checkpoint,
        '--out',
        join(folder, 'bundle'),
      ]);
      expect(hint).to.not.equal('');
      expect(await readdir(folder), 'nothing half-written is left').to.deep.equal(['checkpoint']);
      return { exit, code };
    };
    const editConfig = (change: Record<string, unknown>) => (checkpoint: string) => {
      const file = join(checkpoint, 'config.json');
      return readFile(file, 'utf8').then((text) =>
        writeFile(file, JSON.stringify({ ...JSON.parse(text), ...change })),
      );
    };

    it('error MODEL_SAFETENSORS_INVALID: a truncated file', async () => {
      const error = await splitError((checkpoint) =>
        truncate(join(checkpoint, 'model.safetensors'), 5_000_000),
      );

      expect(error).to.deep.equal({ exit: 10, code: 'MODEL_SAFETENSORS_INVALID' });
    });

    it('error MODEL_SAFETENSORS_INVALID: a header of 10 GB', async () => {
      const error = await splitError(async (checkpoint) => {
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(10_000_000_000n);
        await overwrite(join(checkpoint, 'model.safetensors'), length, 0);
      });

      expect(error).to.deep.equal({ exit: 10, code: 'MODEL_SAFETENSORS_INVALID' });
    });

    it('error MODEL_TYPE_UNSUPPORTED: an unknown model_type', async () => {
      const error = await splitError(editConfig({ model_type: 'somebody_else' }));

      expect(error).to.deep.equal({ exit: 2, code: 'MODEL_TYPE_UNSUPPORTED' });
    });

    it('error MODEL_CONFIG_INVALID: a config that contradicts the tensors', async () => {
      const error = await splitError(editConfig({ hidden_size: 256 }));

      expect(error.exit).to.be.oneOf([2, 10]);
      expect(error.code).to.match(/^MODEL_/);
    });

    it('error NOT_FOUND_FILE: no such checkpoint', async () => {
      const { exit, code } = await riosError([
        'model',
        'split',
        join(folder, 'none'),
        '--out',
        join(folder, 'out'),
      ]);

      expect({ exit, code }).to.deep.equal({ exit: 5, code: 'NOT_FOUND_FILE' });
    });

    it('error CONFLICT_EXISTS: the target is there already, and stays as it was', async () => {
      await writeFile(join(folder, 'mine'), 'precious');
      const { exit, code } = await riosError(['model', 'split', TINY_MOE, '--out', join(folder, 'mine')]);

      expect({ exit, code }).to.deep.equal({ exit: 6, code: 'CONFLICT_EXISTS' });
      expect(await readFile(join(folder, 'mine'), 'utf8')).to.equal('precious');
    });
  });

  describe('a bundle with one byte changed', () => {
    it('error INTEGRITY_HASH: rios model verify', async () => {
      const { exit, code } = await riosError(['model', 'verify', await spoiltBundle(folder)]);

      expect({ exit, code }).to.deep.equal({ exit: 10, code: 'INTEGRITY_HASH' });
    });

    it('error INTEGRITY_HASH: rios model push; the network does not have the model then', async () => {
      const network = await startDevnet({ workers: 0 });
      try {
        const args = ['model', 'push', await spoiltBundle(folder)];
        const { exit, code } = await riosError(args, { env: network.env });

        expect({ exit, code }).to.deep.equal({ exit: 10, code: 'INTEGRITY_HASH' });
        expect((await network.client.listModels()).data).to.deep.equal([]);
      } finally {
        await network.stop();
      }
    });
  });

  describe('no network to ask', () => {
    const env = { RIOS_API_URL: 'http://127.0.0.1:9', RIOS_API_TOKEN: 'x' };

    it('error API_UNREACHABLE', async () => {
      const { exit, code } = await riosError(['status'], { env: { ...env, RIOS_HOME: folder } });

      expect({ exit, code }).to.deep.equal({ exit: 11, code: 'API_UNREACHABLE' });
    });
  });

  describe('asking a network', () => {
    let network: Devnet;
    before(async () => {
      network = await startDevnet({ workers: 0 });
      await network.pushTinyMoe();
      await network.addWorker('small', ['--memory', '4MB']);
    });
    after(() => network?.stop());

    const failure = (...args: string[]) => riosError(args, { env: network.env });

    it('error CAPACITY_NO_PLACEMENT: a model that fits on no set of workers; says what is short, and by how much', async () => {
      const { exit, code, details } = await failure('run', 'tiny-moe', 'The');

      expect({ exit, code }).to.deep.equal({ exit: 8, code: 'CAPACITY_NO_PLACEMENT' });
      expect(JSON.stringify(details)).to.match(/memory/i);
      expect(JSON.stringify(details)).to.contain('small');
    });

    it('error NOT_FOUND_MODEL', async () => {
      const { exit, code } = await failure('run', 'nothing', 'The');

      expect({ exit, code }).to.deep.equal({ exit: 5, code: 'NOT_FOUND_MODEL' });
    });

    it('error AUTH_REQUIRED: a wrong token', async () => {
      const env = { ...network.env, RIOS_API_TOKEN: 'wrong' };
      const { exit, code } = await riosError(['status'], { env });

      expect({ exit, code }).to.deep.equal({ exit: 3, code: 'AUTH_REQUIRED' });
    });

    it('error USER_CONTEXT_TOO_LONG', async () => {
      await network.addWorker('large');
      const ids = JSON.stringify(Array.from({ length: 513 }, () => 33));
      const { exit, code } = await failure('run', 'tiny-moe', '--ids', ids);

      expect({ exit, code }).to.deep.equal({ exit: 2, code: 'USER_CONTEXT_TOO_LONG' });
    });

    it('error USER_INVALID_REQUEST: a token id outside the vocabulary', async () => {
      const { exit, code } = await failure('run', 'tiny-moe', '--ids', '[1,2,999999]');

      expect({ exit, code }).to.deep.equal({ exit: 2, code: 'USER_INVALID_REQUEST' });
    });
  });
});

async function overwrite(file: string, bytes: Uint8Array, position: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.write(bytes, 0, bytes.length, position);
  } finally {
    await handle.close();
  }
}

/** A copy of the example bundle, one bit of one expert flipped. */
async function spoiltBundle(folder: string): Promise<string> {
  const bundle = join(folder, 'spoilt');
  await cp(await tinyMoeBundle(), bundle, { recursive: true });
  const shards = await readdir(join(bundle, 'shards'));
  const file = join(bundle, 'shards', shards.find((name) => name.startsWith('experts.')) ?? 'missing');
  const middle = Math.floor((await stat(file)).size / 2);
  const bytes = await readFile(file);
  await overwrite(file, Uint8Array.of((bytes[middle] ?? 0) ^ 1), middle);
  return bundle;
}
