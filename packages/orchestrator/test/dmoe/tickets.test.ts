import { expect } from 'chai';
import { planPlacement } from '../../src/dmoe/place.ts';
import { positionsBound, ticketEdges } from '../../src/dmoe/tickets.ts';
import { buildModel, buildWorkers, peerIdOf } from './builders.ts';

const sampling = {
  maxTokens: 20,
  temperature: 0,
  topP: 1,
  seed: 1,
  stop: [],
  stopAtEos: true,
  logprobs: null,
  echo: false,
};

function place(shape: 'replica' | 'chain' | 'island', workers: number) {
  const outcome = planPlacement({ model: buildModel(), workers: buildWorkers(workers), shape });
  if ('placement' in outcome) return outcome.placement;
  throw new Error(outcome.shortage.message);
}

describe('ticketEdges', () => {
  it('default: a replica needs one ticket, for all parts', () => {
    const model = buildModel();

    const edges = ticketEdges(model, place('replica', 1), 'orchestrator', 10);

    expect(edges).to.have.length(1);
    expect(edges[0]).to.include({ kind: 'stage', holder: 'orchestrator', audience: peerIdOf(0) });
    expect(edges[0]?.parts.toSorted()).to.deep.equal(model.parts.map(({ id }) => id).toSorted());
    expect(edges[0]?.maxUnits).to.equal(10 * (6 + 4 * 2));
  });

  it('behaviour: the first stage of a chain opens the others', () => {
    const placement = place('chain', 2);

    const [first, second] = ticketEdges(buildModel(), placement, 'orchestrator', 10);

    expect(first?.holder).to.equal('orchestrator');
    expect(second?.holder).to.equal(first?.audience);
    expect(first?.parts).to.include('embed');
    expect(second?.parts).to.not.include('head');
  });

  it('behaviour: an island has a ticket for each worker of experts, held by the trunk', () => {
    const placement = place('island', 3);

    const edges = ticketEdges(buildModel(), placement, 'orchestrator', 10);

    expect(edges.map(({ kind }) => kind)).to.deep.equal(['stage', 'experts', 'experts']);
    const parts = edges.flatMap((edge) => edge.parts);
    expect(new Set(parts).size, 'no part under two tickets').to.equal(parts.length);
    expect(parts).to.have.length(buildModel().parts.length);
    for (const edge of edges.slice(1)) {
      expect(edge.holder).to.equal(placement.stages[0]?.workerId);
      expect(edge.maxUnits).to.equal(10 * 4 * 2);
    }
  });
});

describe('positionsBound', () => {
  it('default: prompt ids and answer, within the context', () => {
    const model = buildModel();

    expect(positionsBound(model, { kind: 'ids', ids: [1, 2, 3] }, sampling)).to.equal(3 + 8 + 20);
    expect(positionsBound(model, { kind: 'text', text: 'word' }, sampling)).to.equal(16 + 8 + 20);
    expect(positionsBound(model, { kind: 'text', text: 'x'.repeat(5000) }, sampling)).to.equal(512);
    expect(positionsBound(model, { kind: 'chat', messages: [] }, sampling)).to.equal(512);
  });
});
