import type { LogprobEntry } from '@rios/sdk/schema/inference';
import type { Shape } from '@rios/sdk/schema/route';
import { expect } from 'chai';
import { type Devnet, startDevnet } from '../support/devnet.ts';
import { riosJson } from '../support/rios.ts';
import { type ReferenceCase, readReference } from '../support/tiny-moe.ts';

interface RunJson {
  readonly ids: readonly number[];
  readonly logprobs: readonly LogprobEntry[];
  readonly shape: Shape;
  readonly workers: readonly {
    readonly id: string;
    readonly parts: readonly string[];
    readonly expertCalls: number;
  }[];
}

/** float32 against the float64 reference. */
const TOLERANCE = 1e-3;
const CASES = ['genesis', 'sea', 'accents', 'long'];
const SHAPES: readonly Shape[] = ['replica', 'chain', 'island'];

describe('shapes', function () {
  this.timeout(180_000);
  let network: Devnet;
  let cases: readonly ReferenceCase[];
  const answers = new Map<string, RunJson>();

  before(async () => {
    cases = (await readReference()).filter(({ name }) => CASES.includes(name));
    network = await startDevnet({ workers: 3 });
    await network.pushTinyMoe();
  });
  after(() => network?.stop());

  const ask = ({ ids, greedy }: ReferenceCase) => {
    const options = [
      '--max-tokens',
      String(greedy.length),
      '--temperature',
      '0',
      '--logprobs',
      '20',
      '--echo',
    ];
    return riosJson<RunJson>(['run', 'tiny-moe', '--ids', JSON.stringify(ids), ...options], {
      env: network.env,
    });
  };

  for (const shape of SHAPES) {
    it(`option: ${shape} gives the reference's tokens and log-probabilities`, async () => {
      await network.place('tiny-moe', { shape, spread: shape === 'island' });

      for (const reference of cases) {
        const answer = await ask(reference);
        answers.set(`${shape} ${reference.name}`, answer);

        expect(answer.shape, reference.name).to.equal(shape);
        expect(answer.ids, reference.name).to.deep.equal(reference.greedy);
        expectPrompt(answer.logprobs, reference);
      }
    });
  }

  it('behaviour: the three shapes agree bit for bit', () => {
    for (const { name } of cases) {
      const replica = answers.get(`replica ${name}`)?.logprobs;
      expect(replica, name).to.have.length.above(0);
      expect(answers.get(`chain ${name}`)?.logprobs, `chain ${name}`).to.deep.equal(replica);
      expect(answers.get(`island ${name}`)?.logprobs, `island ${name}`).to.deep.equal(replica);
    }
  });

  it('behaviour: chain uses two stages or more, a spread island three workers with expert calls', () => {
    const busy = (shape: Shape) => {
      const workers = answers.get(`${shape} genesis`)?.workers ?? [];
      return workers.filter(({ expertCalls }) => expertCalls > 0).length;
    };

    expect(busy('replica')).to.equal(1);
    expect(busy('chain')).to.be.at.least(2);
    expect(busy('island')).to.equal(3);
  });
});

/** Each prompt position's best token, and all alternatives of the first new token, as the reference has them. */
function expectPrompt(logprobs: readonly LogprobEntry[], reference: ReferenceCase): void {
  const { name, ids, topPerPosition, lastLogits, logSumExp } = reference;
  for (let position = 1; position < ids.length; position++) {
    const best = logprobs[position]?.top[0]?.id;
    expect(best, `${name}: best token at ${position - 1}`).to.equal(topPerPosition[position - 1]);
  }
  const first = logprobs[ids.length];
  expect(first?.top, name).to.have.lengthOf(20);
  for (const { id, logprob } of first?.top ?? []) {
    const expected = (lastLogits[id] ?? Number.NaN) - (logSumExp[ids.length - 1] ?? Number.NaN);
    expect(logprob, `${name}: token ${id}`).to.be.closeTo(expected, TOLERANCE);
  }
}
