import { rm } from 'node:fs/promises';
import { systemClock } from '@rios/sdk/clock';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { join, type Membership } from '@rios/sdk/p2p/join';
import { createPeer, type Peer } from '@rios/sdk/p2p/peer';
import type { WorkerFile, WorkerStatus } from '@rios/sdk/schema/worker-process';
import { VERSION } from '@rios/sdk/version';
import { type Closers, createClosers } from './closers.ts';
import { type Compute, startCompute } from './compute.ts';
import { type ControlLoop, createControlLoop } from './control-loop.ts';
import { serveControlSocket } from './control-socket.ts';
import { leaveNetwork } from './leave.ts';
import { type LoopDelay, measureLoopDelay } from './loop-delay.ts';
import { createMembers, type Members } from './members.ts';
import { enter } from './membership.ts';
import type { Prepared } from './prepare.ts';
import { createRoundTrips, type RoundTrips } from './round-trips.ts';
import type { StartOptions } from './start-options.ts';

/** A worker process at work. */
export interface App {
  /** Rejects when the network refuses this worker; else never settles before `stop`. */
  readonly refused: Promise<void>;
  /** Takes no new sessions, lets those that run end (30 s at most) and the orchestrator move the parts (10 s). */
  drain(): Promise<void>;
  /** Lets everything go. Idempotent. */
  stop(): Promise<void>;
}

/** What the process does at what happens to the worker. */
export interface AppEvents {
  /** The orchestrator lists this worker, so its address was dialled back. Called once. */
  readonly onReady: (addresses: readonly string[]) => void;
  /** The orchestrator or the control socket asked this worker to leave. */
  readonly onDrainAsked: () => void;
}

/** Whether it is listed, and whether it leaves. */
interface Life {
  state: WorkerStatus['state'];
}

/**
 * Opens the worker to the network. Whatever was opened is closed again when a later step fails.
 * Throws AUTH_INVITE_*, PEER_UNREACHABLE, CONFLICT_IN_USE (a listen address), RUNTIME_SESSION.
 */
export async function startApp(prepared: Prepared, options: StartOptions, events: AppEvents): Promise<App> {
  const closers = createClosers((error) =>
    prepared.log.warn('could not close all', { error: String(error) }),
  );
  try {
    return await open(prepared, options, events, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function open(
  prepared: Prepared,
  options: StartOptions,
  events: AppEvents,
  closers: Closers,
): Promise<App> {
  const { log } = prepared;
  const life: Life = { state: 'connecting' };
  const loopDelay = measureLoopDelay();
  closers.add(loopDelay.stop);
  const members = createMembers();
  const peer = await startPeer(prepared, options, members, closers);
  const membership = await joinNetwork(prepared, peer, members);
  const beat = { now: () => {} };
  const compute = await startCompute({
    ...prepared,
    peer,
    members,
    membership,
    isDraining: () => life.state === 'draining',
    onChange: () => beat.now(),
    closers,
  });
  const roundTrips = createRoundTrips({
    peer,
    members: members.peers,
    clock: systemClock,
    random: Math.random,
    log,
  });
  closers.add(roundTrips.stop);
  roundTrips.start();
  const parts = { prepared, peer, members, membership, compute, roundTrips, loopDelay, life, events };
  const control = startControl(parts);
  closers.add(() => control.stop());
  beat.now = control.beat;
  await announceProcess(parts, control, closers);
  return {
    refused: control.run(),
    async drain() {
      life.state = 'draining';
      await leaveNetwork({ sessions: compute.sessions, control, clock: systemClock, log });
    },
    stop: closers.close,
  };
}

async function startPeer(
  prepared: Prepared,
  options: StartOptions,
  members: Members,
  closers: Closers,
): Promise<Peer> {
  const { identity, log } = prepared;
  const { listen, announce } = options;
  const peer = await createPeer({ identity, listen, announce, accept: members.accepts, log });
  closers.add(() => peer.stop());
  await peer.start();
  return peer;
}

async function joinNetwork({ dir, entry, log }: Prepared, peer: Peer, members: Members): Promise<Membership> {
  const membership = await enter(dir.membershipFile, entry, (invite) =>
    join(peer, invite, systemClock.now()),
  );
  members.joined(membership.addresses);
  log.info('member of a network', { networkId: membership.networkId, peerId: peer.peerId });
  return membership;
}

interface Parts {
  readonly prepared: Prepared;
  readonly peer: Peer;
  readonly members: Members;
  readonly membership: Membership;
  readonly compute: Compute;
  readonly roundTrips: RoundTrips;
  readonly loopDelay: LoopDelay;
  readonly life: Life;
  readonly events: AppEvents;
}

/** Most addresses that a hello may name. */
const MAX_ADDRESSES = 16;

function startControl(parts: Parts): ControlLoop {
  const { prepared, peer, members, membership, compute, roundTrips, loopDelay, life, events } = parts;
  return createControlLoop({
    peer,
    membership,
    clock: systemClock,
    random: Math.random,
    log: prepared.log,
    hello: () => ({
      version: VERSION,
      offer: prepared.offer,
      addresses: peer.addresses.slice(0, MAX_ADDRESSES),
      walletBinding: null,
    }),
    heartbeat: () => ({
      parts: compute.worker.observed(),
      sessions: compute.sessions.size,
      freeMemoryBytes: process.availableMemory(),
      loopDelayP99Ms: loopDelay.p99Ms(),
      rttMs: roundTrips.latest(),
      draining: life.state === 'draining',
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
    onDrain: events.onDrainAsked,
  });
}

/** Leaves worker.json and the control socket for `rios worker status|drain|stop`. */
async function announceProcess(parts: Parts, control: ControlLoop, closers: Closers): Promise<void> {
  const { prepared, peer, membership, compute, loopDelay, life, events } = parts;
  const { dir, offer, log } = prepared;
  const file: WorkerFile = {
    pid: process.pid,
    peerId: peer.peerId,
    name: offer.name,
    startedAt: systemClock.now(),
    version: VERSION,
  };
  const status = (): WorkerStatus => ({
    ...file,
    state: life.state,
    orchestrator: control.orchestrator?.peerId ?? null,
    networkId: membership.networkId,
    addresses: peer.addresses,
    offer,
    parts: compute.worker.observed(),
    sessions: compute.sessions.size,
    freeMemoryBytes: process.availableMemory(),
    loopDelayP99Ms: loopDelay.p99Ms(),
  });
  const drain = () => {
    events.onDrainAsked();
    return { draining: true };
  };
  await writeFileAtomic(dir.workerFile, `${JSON.stringify(file)}\n`, 0o644);
  closers.add(() => rm(dir.workerFile, { force: true }));
  closers.add(await serveControlSocket(dir.controlSocket, { status, drain }, log));
}
