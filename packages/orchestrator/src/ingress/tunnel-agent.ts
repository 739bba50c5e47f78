import { Agent, type ClientRequest, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AppTarget } from './app-routes.ts';
import type { OpenTunnel } from './open-tunnel.ts';

/** An idle tunnel is closed after this; applications on Node close theirs after 5 s. */
const IDLE_MS = 4_000;
/** Tunnels of one replica that wait for the next request. */
const MAX_IDLE = 64;

/** What a request says of its way. */
export interface TunnelOptions extends ClientRequestArgs {
  readonly target: AppTarget;
  readonly appPort: number;
}

/** Gives HTTP requests connections through tunnels, and keeps them for the next request to the same replica. */
export class TunnelAgent extends Agent {
  readonly #open: OpenTunnel;

  constructor(open: OpenTunnel, { keepAlive }: { keepAlive: boolean }) {
    super({ keepAlive, maxFreeSockets: MAX_IDLE, scheduling: 'lifo' });
    this.#open = open;
  }

  override getName(options?: Partial<TunnelOptions>): string {
    return `${options?.target?.workerId} ${options?.target?.replicaId} ${options?.appPort}`;
  }

  override createConnection(
    { target, appPort }: TunnelOptions,
    done?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    this.#open(target, appPort).then(
      (socket) => done?.(null, socket),
      (error: Error) => (done as (error: Error) => void)?.(error),
    );
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const keeps: unknown = super.keepSocketAlive(socket);
    if (keeps === false) return false;
    const timer = setTimeout(() => socket.destroy(), IDLE_MS);
    timer.unref();
    idle.set(socket, timer);
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    clearTimeout(idle.get(socket));
    idle.delete(socket);
  }
}

const idle = new WeakMap<Duplex, NodeJS.Timeout>();
