import assert from 'node:assert/strict';
import { createFigures } from '../../src/ingress/figures.ts';
import { createManualClock } from '../support/manual-clock.ts';

const ID = 'dep_0000000001';

describe('figures of ingress', () => {
  it('default: what is under way, what waits, and percentiles and failures of what was answered', () => {
    const figures = createFigures(createManualClock());
    const over = figures.begins(ID);
    figures.begins(ID);
    figures.waits(ID);
    for (let ms = 1; ms <= 100; ms++) figures.answered(ID, { firstByteMs: ms, failed: ms > 98 });
    over();
    over();

    assert.deepEqual(figures.read(ID, 10_000), {
      ...{ inFlight: 1, waiting: 1, p50Ms: 50, p95Ms: 95 },
      ...{ requests: 100, errors: 2 },
    });
  });

  it('behaviour: answers count within their window alone', () => {
    const clock = createManualClock();
    const figures = createFigures(clock);
    figures.answered(ID, { firstByteMs: 1, failed: false });
    clock.advance(5_000);
    figures.answered(ID, { firstByteMs: 2, failed: false });

    assert.equal(figures.read(ID, 6_000).requests, 2);
    assert.equal(figures.read(ID, 5_000).requests, 1);
    clock.advance(60_000);
    assert.equal(figures.read(ID, 3_600_000).requests, 0);
  });

  it('behaviour: of what nobody asked for everything is zero', () => {
    assert.equal(createFigures(createManualClock()).read('dep_unknown0000', 1_000).requests, 0);
  });

  it('behaviour: a busy application takes bounded memory, and keeps its newest answers', () => {
    const figures = createFigures(createManualClock());
    for (let count = 0; count < 20_000; count++) figures.answered(ID, { firstByteMs: count, failed: false });

    const { requests, p50Ms } = figures.read(ID, 60_000);

    assert.ok(requests >= 4096 && requests < 8192, `${requests}`);
    assert.ok(p50Ms > 20_000 - 8192, `${p50Ms}`);
  });
});
