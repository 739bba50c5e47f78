import type { Manifest } from '@rios/sdk/schema/manifest';
import type { Stage } from '@rios/sdk/schema/route';
import { expect } from 'chai';
import { checkCoverage, localParts } from '../../src/serve/stage-parts.ts';
import { tinyModel } from '../runtime/support/tiny-model.ts';
import { codeOf } from '../support/errors.ts';
import { EMPTY_TICKET } from '../support/files-peer.ts';

const worker = (peerId: string) => ({ peerId, addresses: [] });
const stage = (from: number, to: number, experts: Record<string, string[]> = {}, own = 'own'): Stage => ({
  worker: worker(own),
  from,
  to,
  ticket: EMPTY_TICKET,
  experts: Object.entries(experts).map(([id, parts]) => ({
    worker: worker(id),
    ticket: EMPTY_TICKET,
    parts,
  })),
});

describe('localParts', function () {
  this.timeout(20_000);
  let manifest: Manifest;
  before(async () => {
    ({ manifest } = await tinyModel());
  });

  it('default: trunk and groups of its layers; the first stage also embeds and heads', () => {
    const layer = ['trunk.001', 'experts.001.000', 'experts.001.001', 'experts.001.002', 'experts.001.003'];

    expect(localParts(manifest, stage(1, 2), false)).to.deep.equal(layer);
    expect(localParts(manifest, stage(1, 2), true)).to.have.members(['embed', 'head', ...layer]);
  });

  it('behaviour: without the groups that others compute', () => {
    const parts = localParts(
      manifest,
      stage(0, 1, { a: ['experts.000.001'], b: ['experts.000.003'] }),
      false,
    );

    expect(parts).to.deep.equal(['trunk.000', 'experts.000.000', 'experts.000.002']);
  });

  const contradictions: Record<string, Stage> = {
    'no layers': stage(2, 2),
    'more layers than the model': stage(0, 5),
    'a group of another layer': stage(0, 1, { a: ['experts.001.000'] }),
    'a part that is no group': stage(0, 1, { a: ['trunk.000'] }),
    'a group at two workers': stage(0, 1, { a: ['experts.000.000'], b: ['experts.000.000'] }),
    'its own worker as a remote one': stage(0, 1, { own: ['experts.000.000'] }),
  };
  for (const [what, given] of Object.entries(contradictions)) {
    it(`error PEER_PROTOCOL: ${what}`, async () => {
      expect(await codeOf(() => localParts(manifest, given, false))).to.equal('PEER_PROTOCOL');
    });
  }

  const gaps: Record<string, Stage[]> = {
    'a gap': [stage(0, 1), stage(2, 4, {}, 'b')],
    'an overlap': [stage(0, 2), stage(1, 4, {}, 'b')],
    'a missing end': [stage(0, 3)],
    'a worker with two stages': [stage(0, 2), stage(2, 4)],
    'an empty stage': [stage(0, 0), stage(0, 4, {}, 'b')],
  };
  for (const [what, stages] of Object.entries(gaps)) {
    it(`error PEER_PROTOCOL: a route with ${what}`, async () => {
      expect(await codeOf(() => checkCoverage(manifest, stages))).to.equal('PEER_PROTOCOL');
    });
  }

  it('default: stages that follow each other to the last layer', () => {
    checkCoverage(manifest, [stage(0, 1), stage(1, 4, {}, 'b')]);
  });
});
