import { createHash } from 'node:crypto';
import type { PartId } from '@rios/sdk/ids';
import { encodeExpertsRequest } from '@rios/sdk/wire/expert-codec';
import { expect } from 'chai';
import { createEngine } from '../../src/runtime/create-engine.ts';
import type { ModelFiles } from '../../src/runtime/engine.ts';
import type { ComputeEngine } from '../../src/runtime/measured-engine.ts';
import { ask, noNetwork, sampling, stageSpec } from './support/builders.ts';
import { allParts, referenceCase, tinyModel } from './support/tiny-model.ts';

const sha256 = (...parts: Uint8Array[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

const withLength = (bytes: Uint8Array) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
};

describe('work of a session', () => {
  let model: ModelFiles;
  let engine: ComputeEngine;
  before(async () => {
    model = await tinyModel();
    engine = await createEngine({ threads: 1 });
    await engine.load(model, allParts(model));
  });
  after(() => engine.stop());

  it('default: a replica counts rows per part, chunks and experts', async () => {
    const { ids } = referenceCase('long');
    const stage = await engine.openStage(stageSpec(model), noNetwork());
    await ask(stage, { kind: 'ids', ids: [...ids] }, sampling({ maxTokens: 3 }));

    const work = await stage.close();

    const { layers, experts } = model.manifest.dims;
    const rows = ids.length + 2; // the third token is not fed back
    expect(work.chunks).to.deep.equal([
      { rows: 1, times: 2 },
      { rows: 112, times: 1 },
      { rows: 128, times: 2 },
    ]);
    expect(work.calls).to.equal(5);
    expect(work.expertCalls).to.equal(5 * layers);
    expect(work.experts.reduce((sum, expert) => sum + expert.rows, 0)).to.equal(rows * layers * 2);
    expect(new Set(work.experts.map(({ layer, expert }) => layer * experts + expert))).to.have.length(
      work.experts.length,
    );
    expect(work.parts).to.include.members(['embed', 'head', 'trunk.000', 'trunk.003']);
    expect(work.units).to.be.within(rows * (1 + layers + layers) + 3, rows * (1 + 3 * layers) + 3);
    expect(work.busyMs).to.be.greaterThan(0);
  });

  it('behaviour: running hash and commitments open with the salt', async () => {
    const { hidden } = model.manifest.dims;
    const parts = ['experts.001.000' as PartId];
    const { sessionId, modelHash } = stageSpec(model);
    const session = await engine.openExperts({ sessionId, modelHash, parts, maxUnits: 100 });
    const bodies = [1, 2].map((rows) =>
      encodeExpertsRequest({
        x: new Float32Array(rows * hidden).fill(rows / 8),
        rows,
        hidden,
        groups: [
          { group: 0, rows: Uint32Array.of(0), experts: Uint32Array.of(1), weights: Float32Array.of(1) },
        ],
      }),
    );

    const answers: Uint8Array[] = [];
    for (const body of bodies) answers.push(await session.run(1, body.slice()));
    const work = await session.close();

    const salt = Buffer.from(work.salt, 'hex');
    const input = sha256(salt, ...bodies.flatMap(withLength));
    const output = sha256(salt, ...answers.flatMap(withLength));
    expect(work.runningHash).to.equal(sha256(new Uint8Array(32), input, output).toString('hex'));
    expect(work.inputCommitment).to.equal(sha256(salt, input).toString('hex'));
    expect(work.outputCommitment).to.equal(sha256(salt, output).toString('hex'));
    expect(work).to.deep.include({ parts, units: 2, calls: 2, expertCalls: 2 });
    expect(work.experts).to.deep.equal([{ layer: 1, expert: 1, rows: 2 }]);
  });

  it('behaviour: equal work has other commitments each time', async () => {
    const works = [];
    for (let i = 0; i < 2; i++) {
      const stage = await engine.openStage(stageSpec(model), noNetwork());
      await ask(stage, { kind: 'ids', ids: [7] }, sampling({ maxTokens: 1 }));
      works.push(await stage.close());
    }

    expect(works[0]?.inputCommitment).not.to.equal(works[1]?.inputCommitment);
    expect(works[0]?.runningHash).not.to.equal(works[1]?.runningHash);
  });
});
