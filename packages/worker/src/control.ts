import { systemClock } from '@rios/sdk/clock';
import { VERSION } from '@rios/sdk/version';
import { type ControlLoop, createControlLoop } from './control-loop.ts';
import { addressesOf } from './orchestrators.ts';
import type { Running } from './running.ts';

/** Most addresses that a hello may name. */
const MAX_ADDRESSES = 16;

/** The control loop of a running worker: what it reports, and what assignments change. */
export function createControl(running: Running): ControlLoop {
  const { prepared, peer, members, membership, keeper, compute, containers } = running;
  const { roundTrips, loopDelay, life, events } = running;
  return createControlLoop({
    peer,
    membership,
    orchestrators: members.orchestrators,
    clock: systemClock,
    random: running.random,
    log: prepared.log,
    hello: async () => ({
      version: VERSION,
      offer: prepared.offer,
      addresses: peer.addresses.slice(0, MAX_ADDRESSES),
      walletBinding: await prepared.walletBinding(),
    }),
    heartbeat: () => ({
      parts: compute.worker.observed(),
      sessions: compute.sessions.size,
      freeMemoryBytes: process.availableMemory(),
      loopDelayP99Ms: loopDelay.p99Ms(),
      rttMs: roundTrips.latest(),
      draining: life.state === 'draining',
      ...(containers === undefined ? {} : { containers: containers.report() }),
    }),
    onAssignment(assignment) {
      members.listed(assignment.peers);
      roundTrips.membersChanged();
      compute.worker.assign(assignment.models);
      if (life.state !== 'connecting') return;
      life.state = 'listed';
      loopDelay.reset();
      events.onReady(peer.addresses);
    },
    onOrchestrators(alive) {
      members.alive(alive);
      keeper.keep(addressesOf(members.orchestrators()));
    },
    onContainers: (desired) => containers?.want(desired),
    onDrain: events.onDrainAsked,
  });
}
