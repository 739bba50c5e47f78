import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestText, MANIFEST_DIGEST_PATH, modelHashOf } from '@rios/sdk/model/bundle';
import { MANIFEST_PATH, type Manifest } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import { goldenError, verifyBundle } from '../src/verify.ts';
import { rejection } from './runtime/support/builders.ts';
import { copyOfTinyModel, tinyModel } from './runtime/support/tiny-model.ts';
import { tempFolder } from './support/temp-folder.ts';

/** A bundle whose manifest says something else, and which agrees with itself about it. */
async function bundleWith(change: (manifest: Manifest) => Manifest): Promise<string> {
  const { directory, manifest } = await copyOfTinyModel();
  const bytes = Buffer.from(JSON.stringify(change(manifest)));
  await writeFile(join(directory, MANIFEST_PATH), bytes);
  await writeFile(join(directory, MANIFEST_DIGEST_PATH), digestText(modelHashOf(bytes)));
  return directory;
}

describe('verifyBundle', () => {
  it('default: the golden vectors come out inside the tolerance', async () => {
    const { directory, manifest } = await tinyModel();
    const seen: [number, number][] = [];

    const result = await verifyBundle(directory, {}, (done, total) => seen.push([done, total]));

    expect(result).to.include({ ok: true, tolerance: 1e-3, positions: manifest.golden.ids.length });
    expect(result.maxAbs).to.be.within(Number.MIN_VALUE, 1e-4);
    expect(seen.at(-1)?.[0], 'every byte was hashed').to.equal(seen.at(-1)?.[1]);
  });

  it('behaviour: another logit than the golden one is told', async () => {
    const directory = await bundleWith((manifest) => {
      const [first, ...rest] = manifest.golden.positions;
      const positions = [{ logSumExp: (first?.logSumExp ?? 0) + 0.5, top: first?.top ?? [] }, ...rest];
      return { ...manifest, golden: { ...manifest.golden, positions } };
    });

    const result = await verifyBundle(directory);

    expect(result.ok).to.equal(false);
    expect(result.maxAbs).to.be.closeTo(0.5, 1e-3);
  });

  it('error INTEGRITY_HASH: one byte is changed', async () => {
    const { directory } = await copyOfTinyModel();
    const file = join(directory, 'shards/experts.001.002.bin');
    const bytes = await readFile(file);
    bytes.writeUInt8(bytes.readUInt8(1000) ^ 4, 1000);
    await writeFile(file, bytes);

    expect(await rejection(verifyBundle(directory))).to.have.property('code', 'INTEGRITY_HASH');
  });

  it('error NOT_FOUND_FILE: no bundle there', async () => {
    expect(await rejection(verifyBundle(tempFolder()))).to.have.property('code', 'NOT_FOUND_FILE');
  });
});

describe('goldenError', () => {
  const golden = { ids: [1], maxAbs: 1, positions: [{ logSumExp: 2, top: [[5, 1] as [number, number]] }] };

  it('default: the largest difference of logits and log-sum-exp', () => {
    const evaluation = { positions: [{ logSumExp: 2.25, best: 5, logits: [0.5] }] };

    expect(goldenError(evaluation, golden)).to.equal(0.5);
  });

  it('behaviour: what is missing or not a number is infinitely wrong', () => {
    expect(goldenError({ positions: [] }, golden)).to.equal(Number.POSITIVE_INFINITY);
    const broken = { positions: [{ logSumExp: 2, best: 5, logits: [Number.NaN] }] };
    expect(goldenError(broken, golden)).to.equal(Number.POSITIVE_INFINITY);
  });
});
