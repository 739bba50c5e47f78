import assert from 'node:assert/strict';
import { pick } from '../../src/ingress/balance.ts';
import { admits, afterFailure, CLOSED } from '../../src/ingress/breaker.ts';

const candidate = (
  replicaId: string,
  given: Partial<Record<'inFlight' | 'latencyMs' | 'picked', number>> = {},
) => ({
  replicaId,
  inFlight: 0,
  latencyMs: 0,
  picked: 0,
  ...given,
});

describe('balance', () => {
  it('option: round-robin takes the one that was taken least often', () => {
    const all = [candidate('a', { picked: 2, inFlight: 0 }), candidate('b', { picked: 1, inFlight: 9 })];

    assert.equal(pick(all, 'round-robin')?.replicaId, 'b');
  });

  it('option: least-connections takes the one with fewest requests, in turn among equals', () => {
    const all = [
      candidate('a', { inFlight: 2 }),
      candidate('b', { inFlight: 1, picked: 5 }),
      candidate('c', { inFlight: 1 }),
    ];

    assert.equal(pick(all, 'least-connections')?.replicaId, 'c');
  });

  it('option: latency weighs how long an answer takes by what waits before it', () => {
    const slow = candidate('slow', { latencyMs: 50 });
    const fast = (inFlight: number) => candidate('fast', { latencyMs: 10, inFlight });

    assert.equal(pick([slow, fast(3)], 'latency')?.replicaId, 'fast');
    assert.equal(pick([slow, fast(5)], 'latency')?.replicaId, 'slow');
    assert.equal(pick([slow, candidate('new')], 'latency')?.replicaId, 'new');
  });

  it('behaviour: of none none is taken', () => {
    assert.equal(pick([], 'round-robin'), undefined);
  });
});

describe('circuit', () => {
  it('default: three failures in a row open it, longer each time; an answer closes it', () => {
    let circuit = CLOSED;
    const pauses: number[] = [];
    for (let i = 0; i < 10; i++) {
      circuit = afterFailure(circuit, 1_000);
      pauses.push(circuit.openUntil === 0 ? 0 : circuit.openUntil - 1_000);
    }

    assert.deepEqual(pauses, [0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    assert.equal(admits(CLOSED, 100, 0), true);
  });

  it('behaviour: after its pause one request at a time is let through', () => {
    const open = { failures: 3, openUntil: 500 };

    assert.equal(admits(open, 0, 499), false);
    assert.equal(admits(open, 0, 500), true);
    assert.equal(admits(open, 1, 500), false);
  });
});
