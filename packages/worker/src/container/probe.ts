import { get } from 'node:http';
import { connect } from 'node:net';
import type { AppHealth } from '@rios/sdk/schema/app';
import type { PortAddress } from './contract.ts';

/** How a probe reaches its container. */
export interface ProbeTarget {
  readonly portOf: (port: number) => PortAddress | undefined;
  /** Exit code of a command in it. */
  readonly exec: (command: readonly string[], signal: AbortSignal) => Promise<number>;
}

/** Probes once. Never rejects: what fails, refuses, or takes too long is not healthy. */
export async function probe(health: AppHealth, target: ProbeTarget): Promise<boolean> {
  if (health.kind === 'none') return true;
  const signal = AbortSignal.timeout(health.timeoutMs);
  try {
    if (health.kind === 'exec') return (await target.exec(health.command, signal)) === 0;
    const at = target.portOf(health.port);
    if (at === undefined) return false;
    return await (health.kind === 'http' ? probeHttp(at, health.path, signal) : probeTcp(at, signal));
  } catch {
    return false;
  }
}

function probeHttp(at: PortAddress, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = get({ ...at, path, signal, agent: false, headers: { 'user-agent': 'rios-probe' } });
    request.once('error', reject);
    request.once('response', (response) => {
      const { statusCode = 0 } = response;
      response.destroy();
      resolve(statusCode >= 200 && statusCode < 400);
    });
  });
}

/** Connected is healthy, unless the other end hangs up at once: an engine's proxy accepts for one that is away. */
function probeTcp(at: PortAddress, signal: AbortSignal): Promise<boolean> {
  const HOLD_MS = 50;
  return new Promise((resolve) => {
    const socket = connect(at);
    const end = (ok: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', late);
      socket.destroy();
      resolve(ok);
    };
    const late = () => end(false);
    let timer: NodeJS.Timeout | undefined;
    signal.addEventListener('abort', late, { once: true });
    socket.once('connect', () => {
      timer = setTimeout(() => end(true), HOLD_MS);
    });
    socket.once('error', late);
    socket.once('close', late);
  });
}
