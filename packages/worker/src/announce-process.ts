import { rm } from 'node:fs/promises';
import { systemClock } from '@rios/sdk/clock';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import type { WorkerFile, WorkerStatus } from '@rios/sdk/schema/worker-process';
import { VERSION } from '@rios/sdk/version';
import type { Closers } from './closers.ts';
import type { ControlLoop } from './control-loop.ts';
import { serveControlSocket } from './control-socket.ts';
import type { Running } from './running.ts';

/** Leaves worker.json and the control socket for `rios worker status|drain|stop`. */
export async function announceProcess(
  running: Running,
  control: ControlLoop,
  closers: Closers,
): Promise<void> {
  const { prepared, peer, membership, compute, containers, loopDelay, life, events } = running;
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
    containers: containers?.report().replicas ?? [],
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
