import type { ObservedReplica } from '@rios/sdk/schema/container';
import { expect } from 'chai';
import { backOffMs, FORGIVEN_AFTER_MS, stepReplica } from '../../src/deployments/restart.ts';
import type { ReplicaRecord } from '../../src/store/replicas.ts';

const NOW = 1_700_000_000_000;

const aReplica = (given: Partial<ReplicaRecord> = {}): ReplicaRecord => ({
  id: 'rep_000000000',
  deploymentId: 'dep_000000000',
  release: 1,
  workerId: 'worker',
  wish: 'run',
  attempt: 1,
  restarts: 0,
  retryAt: null,
  prices: { cores: '0', memory: '0', gpus: '0' },
  ticketNonce: '0'.repeat(32),
  startedAt: null,
  healthyAt: null,
  drainUntil: null,
  restartCount: 0,
  createdAt: 1,
  ...given,
});
const seen = (state: ObservedReplica['state'], attempt = 1): ObservedReplica => ({
  id: 'rep_000000000',
  attempt,
  state,
  sandbox: null,
  error: null,
  exitCode: null,
  tail: '',
  startedAt: 5,
  cpuPercent: null,
  memoryBytes: null,
});

describe('restarting a container', () => {
  it('default: the wait doubles with each end, from half a second up to a minute', () => {
    const waits = [0, 1, 2, 3, 7, 99].map(backOffMs);
    expect(waits).to.deep.equal([500, 1000, 2000, 4000, 60_000, 60_000]);
  });

  it('behaviour: one that ended is started again after its wait, once', () => {
    const ended = stepReplica(aReplica({ healthyAt: 7 }), seen('exited'), NOW);
    expect(ended.ended?.state).to.equal('exited');
    expect(ended.replica).to.include({ retryAt: NOW + 500, healthyAt: null, attempt: 1 });
    const before = stepReplica(ended.replica, seen('exited'), NOW + 499);
    expect(before).to.deep.equal({ replica: ended.replica, ended: null });
    const after = stepReplica(ended.replica, seen('exited'), NOW + 500);
    expect(after.replica).to.include({ retryAt: null, attempt: 2, restarts: 1 });
    // its worker still speaks of the start before
    expect(stepReplica(after.replica, seen('exited', 1), NOW + 600)).to.deep.equal({
      replica: after.replica,
      ended: null,
    });
  });

  it('behaviour: one that was healthy gets time to recover before it is started again', () => {
    const sick = stepReplica(aReplica({ healthyAt: 7 }), seen('unhealthy'), NOW).replica;
    expect(sick.retryAt).to.equal(NOW + 5000);
    const well = stepReplica(sick, seen('healthy'), NOW + 4999).replica;
    expect(well).to.include({ retryAt: null, attempt: 1, restarts: 0, healthyAt: NOW + 4999 });
    const never = stepReplica(aReplica(), seen('unhealthy'), NOW).replica;
    expect(never.retryAt).to.equal(NOW + 500);
  });

  it('behaviour: a minute of health makes earlier ends forgotten', () => {
    const healthy = aReplica({ restarts: 4, healthyAt: NOW });
    expect(stepReplica(healthy, seen('healthy'), NOW + FORGIVEN_AFTER_MS - 1).replica.restarts).to.equal(4);
    expect(stepReplica(healthy, seen('healthy'), NOW + FORGIVEN_AFTER_MS).replica.restarts).to.equal(0);
  });

  it('behaviour: one that drains or goes is not started again', () => {
    for (const wish of ['drain', 'remove'] as const) {
      const replica = aReplica({ wish });
      expect(stepReplica(replica, seen('exited'), NOW), wish).to.deep.equal({ replica, ended: null });
    }
  });
});
