import { RiosError } from '@rios/sdk/errors/error';
import type { PartId } from '@rios/sdk/ids';
import {
  decodePartials,
  encodeExpertsRequest,
  encodePartials,
  type GroupPartial,
} from '@rios/sdk/wire/expert-codec';
import { expect } from 'chai';
import { createEngine } from '../../src/runtime/create-engine.ts';
import type { ExpertSession, ModelFiles, StageNetwork } from '../../src/runtime/engine.ts';
import type { ComputeEngine } from '../../src/runtime/measured-engine.ts';
import { ask, noNetwork, rejection, sampling, stageSpec } from './support/builders.ts';
import { allParts, groupParts, tinyModel } from './support/tiny-model.ts';

const PROMPT = { kind: 'text', text: 'And God said' } as const;
const PEER = 'liar';

describe('hostile peers', () => {
  let model: ModelFiles;
  let engine: ComputeEngine;
  before(async () => {
    model = await tinyModel();
    engine = await createEngine({ threads: 2 });
    await engine.load(model, allParts(model));
  });
  after(() => engine.stop());

  describe('as experts of a stage', () => {
    let parts: PartId[];
    let honest: ExpertSession;
    beforeEach(async () => {
      parts = groupParts(model, (_, group) => group > 0);
      const { sessionId, modelHash, maxUnits } = stageSpec(model);
      honest = await engine.openExperts({ sessionId, modelHash, parts, maxUnits });
    });
    afterEach(() => honest.close());

    /** Generates with a peer that answers through `lie`; gives the error. */
    async function askThrough(lie: StageNetwork['experts']): Promise<unknown> {
      const spec = stageSpec(model, { remote: [{ peerId: PEER, parts }] });
      const stage = await engine.openStage(spec, noNetwork({ experts: lie }));
      const error = await rejection(ask(stage, PROMPT, sampling()));
      await stage.close();
      return error;
    }
    /** An honest answer, changed. */
    const changed =
      (change: (partials: GroupPartial[]) => GroupPartial[], hidden = 192): StageNetwork['experts'] =>
      async (_, layer, body) => {
        const answer = decodePartials(await honest.run(layer, body));
        return encodePartials(hidden, change(answer.partials));
      };
    const first = (change: (partial: GroupPartial) => Partial<GroupPartial>) =>
      changed((partials) => partials.map((one, i) => (i === 0 ? { ...one, ...change(one) } : one)));

    it('default: an honest peer is believed', async () => {
      const spec = stageSpec(model, { remote: [{ peerId: PEER, parts }] });
      const stage = await engine.openStage(
        spec,
        noNetwork({ experts: (_, layer, body) => honest.run(layer, body) }),
      );

      expect((await ask(stage, PROMPT, sampling({ maxTokens: 2 }))).ids).to.have.length(2);
      await stage.close();
    });

    const lies: [string, string, StageNetwork['experts']][] = [
      ['PEER_PROTOCOL', 'garbage', async () => new Uint8Array(1000).fill(0xa5)],
      ['PEER_PROTOCOL', 'nothing', async () => new Uint8Array()],
      ['PEER_PROTOCOL', 'the question itself', async (_, __, body) => body],
      ['PEER_PROTOCOL', 'a group less', changed((partials) => partials.slice(1))],
      ['PEER_PROTOCOL', 'another group', first((one) => ({ group: one.group + 100 }))],
      ['PEER_PROTOCOL', 'other rows', first((one) => ({ rows: one.rows.map((row) => row + 1) }))],
      [
        'PEER_PROTOCOL',
        'another hidden size',
        changed(
          (partials) => partials.map((one) => ({ ...one, y: one.y.subarray(0, one.rows.length * 191) })),
          191,
        ),
      ],
      [
        'PEER_BAD_RESULT',
        'NaN',
        first((one) => ({ y: one.y.map((value, i) => (i === 7 ? Number.NaN : value)) })),
      ],
      ['PEER_BAD_RESULT', 'infinity', first((one) => ({ y: one.y.map(() => Number.POSITIVE_INFINITY) }))],
      ['PEER_BAD_RESULT', 'another gate mass', first((one) => ({ mass: one.mass.map((mass) => mass / 2) }))],
    ];
    for (const [code, what, lie] of lies) {
      it(`error ${code}: a peer answers with ${what}`, async () => {
        expect(await askThrough(lie)).to.have.property('code', code);
      });
    }

    it('error PEER_LOST: the error of the network comes through', async () => {
      const error = await askThrough(() => Promise.reject(new RiosError('PEER_LOST', 'it is gone')));

      expect(error).to.include({ code: 'PEER_LOST', message: 'it is gone' });
    });

    it('behaviour: a peer that never answers does not keep a session from closing', async () => {
      const spec = stageSpec(model, { remote: [{ peerId: PEER, parts }] });
      const asked = Promise.withResolvers<void>();
      const silent = () => {
        asked.resolve();
        return new Promise<Uint8Array>(() => {});
      };
      const stage = await engine.openStage(spec, noNetwork({ experts: silent }));
      const error = rejection(ask(stage, PROMPT, sampling()));
      await asked.promise;

      const work = await stage.close();

      expect(await error).to.have.property('code', 'RUNTIME_SESSION');
      expect(work.units).to.be.greaterThan(0);
    });
  });

  describe('as callers of experts', () => {
    const HIDDEN = 192;
    const request = (overrides: Partial<Parameters<typeof encodeExpertsRequest>[0]> = {}) =>
      encodeExpertsRequest({
        x: new Float32Array((overrides.rows ?? 2) * (overrides.hidden ?? HIDDEN)).fill(0.5),
        rows: 2,
        hidden: HIDDEN,
        groups: [entries(0, [0, 1], [0, 1])],
        ...overrides,
      });
    const entries = (group: number, rows: number[], experts: number[]) => ({
      group,
      rows: Uint32Array.from(rows),
      experts: Uint32Array.from(experts),
      weights: Float32Array.from(rows, () => 0.5),
    });
    const infinite = new Float32Array(2 * HIDDEN).fill(Number.NEGATIVE_INFINITY);

    const bad: [string, number, Uint8Array][] = [
      ['garbage', 0, new Uint8Array(64).fill(0xff)],
      ['sizes of 4 GB', 0, Uint8Array.from(new Uint8Array(Uint32Array.of(2 ** 31, 2 ** 31, 1).buffer))],
      ['another hidden size', 0, request({ hidden: 64 })],
      ['more rows than a chunk', 0, request({ rows: 129 })],
      ['a number that is not finite', 0, request({ x: infinite })],
      ['a group of another layer', 1, request()],
      ['a group that it may not use', 0, request({ groups: [entries(1, [0], [2])] })],
      ['an expert of another group', 0, request({ groups: [entries(0, [0], [2])] })],
      ['the same expert twice for a row', 0, request({ groups: [entries(0, [0, 0], [1, 1])] })],
      ['rows out of order', 0, request({ groups: [entries(0, [1, 0], [0, 0])] })],
    ];
    for (const [what, layer, body] of bad) {
      it(`error PEER_PROTOCOL: ${what}; the session goes on`, async () => {
        const { sessionId, modelHash } = stageSpec(model);
        const parts = ['experts.000.000' as PartId];
        const session = await engine.openExperts({ sessionId, modelHash, parts, maxUnits: 10 });

        const error = await rejection(session.run(layer, body.slice()));
        const answer = decodePartials(await session.run(0, request()));
        const work = await session.close();

        expect(error).to.have.property('code', 'PEER_PROTOCOL');
        expect(answer.partials).to.have.length(1);
        expect(work.calls).to.equal(1);
      });
    }

    it('error QUOTA_UNITS: more rows than the ticket allows', async () => {
      const { sessionId, modelHash } = stageSpec(model);
      const parts = ['experts.000.000' as PartId];
      const session = await engine.openExperts({ sessionId, modelHash, parts, maxUnits: 3 });
      await session.run(0, request());

      expect(await rejection(session.run(0, request()))).to.have.property('code', 'QUOTA_UNITS');
      await session.close();
      expect(await rejection(session.run(0, request()))).to.have.property('code', 'RUNTIME_SESSION');
    });
  });

  describe('as neighbours in a chain', () => {
    const row = (fill: number) => new Uint8Array(new Float32Array(192).fill(fill).buffer);

    const pushes: [string, string, Parameters<Awaited<ReturnType<typeof engine.openStage>>['hidden']>][] = [
      ['PEER_PROTOCOL', 'rows that begin later', [1, 1, row(0.5)]],
      ['PEER_PROTOCOL', 'fewer bytes than rows', [0, 2, row(0.5)]],
      ['PEER_PROTOCOL', 'no rows', [0, 0, new Uint8Array()]],
      ['PEER_PROTOCOL', 'half a row number', [0, 0.5, row(0.5)]],
      ['PEER_PROTOCOL', 'more rows than a chunk', [0, 129, new Uint8Array(129 * 192 * 4)]],
      ['PEER_BAD_RESULT', 'not a number', [0, 1, row(Number.NaN)]],
    ];
    for (const [code, what, [position, rows, bytes]] of pushes) {
      it(`error ${code}: ${what} pushed to a later stage; it tells the first`, async () => {
        const failed = Promise.withResolvers<Error>();
        const spec = stageSpec(model, { from: 2, first: false, hasNext: true });
        const stage = await engine.openStage(spec, noNetwork({ failed: failed.resolve }));

        stage.hidden(position, rows, bytes.slice());

        expect(await failed.promise).to.have.property('code', code);
        expect((await stage.close()).units).to.equal(0);
      });
    }

    it('error PEER_PROTOCOL: rows beyond the positions that the session has', async () => {
      const failed = Promise.withResolvers<Error>();
      const spec = stageSpec(model, { from: 2, first: false, hasNext: true, maxPositions: 1 });
      const pushed: number[] = [];
      const pushHidden = async (position: number) => void pushed.push(position);
      const stage = await engine.openStage(spec, noNetwork({ failed: failed.resolve, pushHidden }));

      stage.hidden(0, 1, row(0.5));
      stage.hidden(1, 1, row(0.5));

      expect(await failed.promise).to.have.property('code', 'PEER_PROTOCOL');
      await stage.close();
    });

    it('behaviour: a later stage computes what is pushed, in order, and pushes the result on', async () => {
      const spec = stageSpec(model, { from: 2, first: false, hasNext: true });
      const done = Promise.withResolvers<void>();
      const pushed: [number, number, number][] = [];
      const pushHidden = async (position: number, rows: number, hidden: Uint8Array) => {
        pushed.push([position, rows, hidden.byteLength]);
        if (pushed.length === 3) done.resolve();
      };
      const stage = await engine.openStage(spec, noNetwork({ pushHidden }));

      for (const position of [0, 1, 2]) stage.hidden(position, 1, row(position / 4));
      await done.promise;

      expect(pushed).to.deep.equal([0, 1, 2].map((position) => [position, 1, 192 * 4]));
      const work = await stage.close();
      expect(work.chunks).to.deep.equal([{ rows: 1, times: 3 }]);
    });

    it('error PEER_PROTOCOL: rows come back to the first stage that it never sent', async () => {
      const spec = stageSpec(model, { to: 2, hasNext: true });
      const pushed = Promise.withResolvers<void>();
      const pushHidden = async () => pushed.resolve();
      const stage = await engine.openStage(spec, noNetwork({ pushHidden }));
      const error = rejection(ask(stage, PROMPT, sampling()));
      await pushed.promise;

      stage.hidden(5, 1, row(0.5));

      expect(await error).to.have.property('code', 'PEER_PROTOCOL');
      await stage.close();
    });

    it('error PEER_BAD_RESULT: rows that come back are not numbers', async () => {
      const spec = stageSpec(model, { to: 2, hasNext: true });
      const pushed = Promise.withResolvers<[number, number, Uint8Array]>();
      const stage = await engine.openStage(
        spec,
        noNetwork({ pushHidden: async (...rows) => pushed.resolve(rows) }),
      );
      const error = rejection(ask(stage, PROMPT, sampling()));
      const [position, rows, bytes] = await pushed.promise;

      stage.hidden(position, rows, new Uint8Array(bytes.byteLength).fill(0xff));

      expect(await error).to.have.property('code', 'PEER_BAD_RESULT');
      await stage.close();
    });
  });
});
