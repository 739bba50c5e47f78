import { systemClock } from '@rios/sdk/clock';
import { join, type Membership } from '@rios/sdk/p2p/join';
import { createPeer, type Peer } from '@rios/sdk/p2p/peer';
import { announceProcess } from './announce-process.ts';
import { type Closers, createClosers } from './closers.ts';
import { startCompute } from './compute.ts';
import type { Containers } from './container/contract.ts';
import type { StartContainersModules } from './container/start-containers.ts';
import { createControl } from './control.ts';
import type { ControlLoop } from './control-loop.ts';
import { leaveNetwork } from './leave.ts';
import { measureLoopDelay } from './loop-delay.ts';
import { createMembers, type Members } from './members.ts';
import { enter } from './membership.ts';
import { createMembershipKeeper } from './membership-keeper.ts';
import type { Prepared } from './prepare.ts';
import { createRoundTrips } from './round-trips.ts';
import type { AppEvents, Life } from './running.ts';
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

export interface AppOptions extends StartOptions {
  /** Math.random when left out; a drill has workers that come back sooner. */
  readonly random?: () => number;
  /** See ServeContext; for a bench. */
  readonly meteringTimes?: number;
}

/**
 * Opens the worker to the network. Whatever was opened is closed again when a later step fails.
 * Throws AUTH_INVITE_*, PEER_UNREACHABLE, CONFLICT_IN_USE (a listen address), RUNTIME_SESSION.
 */
export async function startApp(prepared: Prepared, options: AppOptions, events: AppEvents): Promise<App> {
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
  options: AppOptions,
  events: AppEvents,
  closers: Closers,
): Promise<App> {
  const { log } = prepared;
  const { random = Math.random, meteringTimes } = options;
  const life: Life = { state: 'connecting' };
  const loopDelay = measureLoopDelay();
  closers.add(loopDelay.stop);
  const members = createMembers();
  const peer = await startPeer(prepared, options, members, closers);
  const membership = await joinNetwork(prepared, peer, members);
  const keeper = createMembershipKeeper(prepared.dir.membershipFile, membership, log);
  closers.add(keeper.stop);
  const beat = { now: () => {} };
  const compute = await startCompute({
    ...prepared,
    peer,
    members,
    membership,
    isDraining: () => life.state === 'draining',
    onChange: () => beat.now(),
    meteringTimes,
    closers,
  });
  const roundTrips = createRoundTrips({
    peer,
    members: members.peers,
    clock: systemClock,
    random,
    log,
  });
  closers.add(roundTrips.stop);
  roundTrips.start();
  const receipts: { send: ControlLoop['sendReceipts'] } = { send: async () => false };
  const containers = await openContainers(prepared, {
    peer,
    members,
    membership,
    onChange: () => beat.now(),
    sendReceipts: (signed) => receipts.send(signed),
  });
  if (containers !== undefined) closers.add(() => containers.stop());
  const opened = { peer, members, membership, keeper, compute, containers, roundTrips, loopDelay };
  const running = { prepared, random, ...opened, life, events };
  const control = createControl(running);
  closers.add(() => control.stop());
  beat.now = control.beat;
  receipts.send = control.sendReceipts;
  await announceProcess(running, control, closers);
  return {
    refused: control.run(),
    async drain() {
      life.state = 'draining';
      await leaveNetwork({ sessions: compute.sessions, control, clock: systemClock, log });
      // while an orchestrator still takes their last receipts
      await containers?.stop();
    },
    stop: closers.close,
  };
}

/** Undefined = this worker lends none. Docker's client is loaded only when it does. */
async function openContainers(
  { containers, ...prepared }: Prepared,
  modules: Pick<StartContainersModules, 'peer' | 'members' | 'membership' | 'onChange' | 'sendReceipts'>,
): Promise<Containers | undefined> {
  if ('reason' in containers) return undefined;
  const { startContainers } = await import('./container/start-containers.ts');
  return await startContainers({ ...prepared, ...containers, ...modules });
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
