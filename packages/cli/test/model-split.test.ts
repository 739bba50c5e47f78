import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { jsonOf, runCli, temporaryDirectory } from './support/run-cli.ts';

const TINY_MOE = fileURLToPath(new URL('../../../examples/models/tiny-moe', import.meta.url));
const WEIGHTS = 'model.safetensors';
const EXPERT = 'model.layers.1.block_sparse_moe.experts.3.w2.weight';

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}
type Header = Record<string, Entry>;

describe('rios model split, a damaged checkpoint', function () {
  this.timeout(60_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let checkpoint: string;
  beforeEach(async () => {
    place = await temporaryDirectory();
    checkpoint = join(place.path, 'checkpoint');
    await cp(TINY_MOE, checkpoint, { recursive: true });
  });
  afterEach(() => place.remove());

  /** What the command says; nothing may be left of the bundle. */
  const split = async () => {
    const result = await runCli([
      'model',
      'split',
      checkpoint,
      '--out',
      join(place.path, 'bundle'),
      '--json',
    ]);
    const { code, message, hint } = jsonOf(result).error;
    expect(hint).not.to.equal('');
    expect(await readdir(place.path)).to.deep.equal(['checkpoint']);
    return { exit: result.code, code, message };
  };
  const weights = join(TINY_MOE, WEIGHTS);
  const spoil = async (change: (file: Buffer) => Buffer | undefined) => {
    const file = await readFile(weights);
    await writeFile(join(checkpoint, WEIGHTS), change(file) ?? file);
  };
  const spoilHeader = (change: (header: Header) => void) =>
    spoil((file) => {
      const header = headerOf(file);
      change(header);
      return withHeader(header, dataOf(file));
    });
  const entryOf = (header: Header, name = EXPERT) => {
    const entry = header[name];
    if (entry === undefined) throw new Error(`the example has no ${name}`);
    return entry;
  };

  const headers: Record<string, (header: Header) => void> = {
    'tensors that overlap': (header) => {
      const entry = entryOf(header);
      const [begin, end] = entry.data_offsets;
      entry.data_offsets = [begin - 4, end - 4];
    },
    'a tensor that ends behind the file': (header) => {
      const last = Object.values(header).reduce((a, b) => (b.data_offsets[1] > a.data_offsets[1] ? b : a));
      last.data_offsets = [last.data_offsets[0], last.data_offsets[1] + 4];
    },
    'a tensor that begins at 2^53': (header) => {
      entryOf(header).data_offsets = [2 ** 53, 2 ** 53 + 4];
    },
  };
  for (const [what, change] of Object.entries(headers)) {
    it(`error MODEL_SAFETENSORS_INVALID, 10: ${what}`, async () => {
      await spoilHeader(change);

      expect(await split()).to.include({ exit: 10, code: 'MODEL_SAFETENSORS_INVALID' });
    });
  }

  it('error MODEL_SAFETENSORS_INVALID, 10: one bit flipped in a header', async () => {
    await spoil((file) => {
      file[8] = (file[8] ?? 0) ^ 1;
      return file;
    });

    expect(await split()).to.include({ exit: 10, code: 'MODEL_SAFETENSORS_INVALID' });
  });

  it('error MODEL_SAFETENSORS_INVALID, 10: bits flipped in a weight, which is no number then', async () => {
    await spoil((file) => {
      const { dtype, data_offsets } = entryOf(headerOf(file));
      const width = dtype === 'F32' ? 4 : 2;
      file.fill(0xff, dataStart(file) + data_offsets[0], dataStart(file) + data_offsets[0] + width);
      return file;
    });

    expect(await split()).to.include({ exit: 10, code: 'MODEL_SAFETENSORS_INVALID' });
  });

  it('error MODEL_TENSOR_MISSING, 10: an expert less; its tensor is named', async () => {
    await spoil((file) => repacked(file, (names) => names.filter((name) => name !== EXPERT)));

    const error = await split();

    expect(error).to.include({ exit: 10, code: 'MODEL_TENSOR_MISSING' });
    expect(error.message).to.include(EXPERT);
  });

  it('error MODEL_TENSOR_UNEXPECTED, 10: an expert more; its tensor is named', async () => {
    const more = EXPERT.replace('experts.3', 'experts.99');
    await spoil((file) => repacked(file, (names) => [...names, more], { [more]: EXPERT }));

    const error = await split();

    expect(error).to.include({ exit: 10, code: 'MODEL_TENSOR_UNEXPECTED' });
    expect(error.message).to.include(more);
  });

  for (const path of ['../../etc/passwd', '/etc/passwd', `sub/../../${WEIGHTS}`, `..\\${WEIGHTS}`]) {
    it(`error MODEL_CONFIG_INVALID, 2: an index that names ${path}`, async () => {
      const names = Object.keys(headerOf(await readFile(weights)));
      const weight_map = Object.fromEntries(names.map((name) => [name, path]));
      await writeFile(join(checkpoint, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
      await rm(join(checkpoint, WEIGHTS));

      expect(await split()).to.include({ exit: 2, code: 'MODEL_CONFIG_INVALID' });
    });
  }
});

const dataStart = (file: Buffer) => 8 + Number(file.readBigUInt64LE());
const dataOf = (file: Buffer) => file.subarray(dataStart(file));

function headerOf(file: Buffer): Header {
  const header = JSON.parse(file.toString('utf8', 8, dataStart(file))) as Header;
  delete header.__metadata__;
  return header;
}

function withHeader(header: Header, data: Buffer): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

/** The same file with other tensors: `copies` says of whose bytes a new one is made. */
function repacked(
  file: Buffer,
  choose: (names: string[]) => string[],
  copies: Record<string, string> = {},
): Buffer {
  const [header, data] = [headerOf(file), dataOf(file)];
  const chosen: Header = {};
  const pieces: Buffer[] = [];
  let at = 0;
  for (const name of choose(Object.keys(header))) {
    const entry = header[copies[name] ?? name];
    if (entry === undefined) throw new Error(`no tensor ${name}`);
    const piece = data.subarray(...entry.data_offsets);
    chosen[name] = { ...entry, data_offsets: [at, at + piece.length] };
    pieces.push(piece);
    at += piece.length;
  }
  return withHeader(chosen, Buffer.concat(pieces));
}
