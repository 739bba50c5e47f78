import { expect } from 'chai';
import type { ModelFiles } from '../../src/runtime/engine.ts';
import type { ComputeEngine, Evaluation } from '../../src/runtime/measured-engine.ts';
import { ask, sampling } from './support/builders.ts';
import { openChain, openIsland, openReplica, startEngines, type Wired } from './support/shapes.ts';
import { type ReferenceCase, referenceCases, tinyModel } from './support/tiny-model.ts';

const TOLERANCE = 1e-3;
const VOCABULARY = Array.from({ length: 4096 }, (_, id) => id);

/** Logits of the whole vocabulary at the last position, of the reference's best token before it. */
function evaluateCase({ first }: Wired, { ids, topPerPosition }: ReferenceCase): Promise<Evaluation> {
  const wanted = topPerPosition.map((best, i) => (i === ids.length - 1 ? VOCABULARY : [best]));
  return first.evaluate(ids, wanted);
}

function expectReference(
  evaluation: Evaluation,
  { lastLogits, logSumExp, topPerPosition }: ReferenceCase,
): void {
  expect(evaluation.positions).to.have.length(logSumExp.length);
  evaluation.positions.forEach((position, i) => {
    expect(position.logSumExp, `log-sum-exp at ${i}`).to.be.closeTo(logSumExp[i] ?? Number.NaN, TOLERANCE);
    expect(position.best, `best token at ${i}`).to.equal(topPerPosition[i]);
  });
  const errors = lastLogits.map((logit, id) =>
    Math.abs(logit - (evaluation.positions.at(-1)?.logits[id] ?? Number.NaN)),
  );
  expect(Math.max(...errors), 'last logits').to.be.at.most(TOLERANCE);
}

describe('the three shapes', () => {
  let model: ModelFiles;
  let engines: [ComputeEngine, ComputeEngine, ComputeEngine];
  const shapes: Record<string, () => Promise<Wired>> = {
    replica: () => openReplica(model, engines[0]),
    chain: () => openChain(model, [engines[0], engines[1]]),
    island: () => openIsland(model, engines),
  };

  before(async () => {
    model = await tinyModel();
    engines = await startEngines();
  });
  after(async () => {
    await Promise.all(engines.map((one) => one.stop()));
  });

  for (const one of referenceCases) {
    it(`default: "${one.name}" has the reference's logits in every shape, and in all the same bits`, async () => {
      const evaluations: Evaluation[] = [];
      for (const open of Object.values(shapes)) {
        const wired = await open();
        const evaluation = await evaluateCase(wired, one);
        await wired.close();
        expectReference(evaluation, one);
        evaluations.push(evaluation);
      }

      const [replica, chain, island] = evaluations;
      expect(chain).to.deep.equal(replica);
      expect(island).to.deep.equal(replica);
    });

    for (const [shape, open] of Object.entries(shapes)) {
      it(`default: "${one.name}" is continued greedily as the reference does, ${shape}`, async () => {
        const wired = await open();

        const settings = sampling({ maxTokens: one.greedy.length });
        const answer = await ask(wired.first, { kind: 'text', text: one.prompt }, settings);
        await wired.close();

        expect(answer.ids).to.deep.equal(one.greedy);
        expect(answer).to.include({ finishReason: 'length', promptTokens: one.ids.length });
      });
    }
  }

  it('behaviour: generated log-probabilities are the same bits in every shape', async () => {
    const seen: unknown[] = [];
    for (const open of Object.values(shapes)) {
      const wired = await open();
      const settings = sampling({ logprobs: 5, echo: true, temperature: 0.8, topP: 0.9, seed: 11 });
      const answer = await ask(wired.first, { kind: 'text', text: 'The white whale' }, settings);
      await wired.close();
      seen.push(answer.parts);
    }

    expect(seen[1]).to.deep.equal(seen[0]);
    expect(seen[2]).to.deep.equal(seen[0]);
  });

  it('behaviour: in an island every worker computes, and together exactly what a replica does', async () => {
    const input = { kind: 'text', text: 'In the beginning' } as const;
    const replica = await openReplica(model, engines[0]);
    await ask(replica.first, input, sampling());
    const [alone] = await replica.close();
    const island = await openIsland(model, engines);
    await ask(island.first, input, sampling());
    const works = await island.close();

    for (const work of works) expect(work.expertCalls).to.be.greaterThan(0);
    const byExpert = (a: { layer: number; expert: number }, b: { layer: number; expert: number }) =>
      a.layer - b.layer || a.expert - b.expert;
    expect(works.flatMap((work) => work.experts).sort(byExpert)).to.deep.equal(alone?.experts);
    expect(works.reduce((sum, work) => sum + work.units, 0)).to.equal(alone?.units);
  });
});
