import type { ContainerOffer, DesiredContainers, ObservedReplica } from '@rios/sdk/schema/container';

/** Where a container's declared port is reached from this process. */
export interface PortAddress {
  readonly host: string;
  readonly port: number;
}

/** One piece of what a container wrote. */
export interface LogPart {
  readonly stream: 'stdout' | 'stderr';
  /** ms since 1970. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** What a worker says of its containers in a heartbeat. */
export interface ContainersReport {
  /** Of the wish that is followed; 0 before the first. */
  readonly generation: number;
  readonly replicas: ObservedReplica[];
}

/** The containers of one worker: brought to what the orchestrators wish, and kept there. */
export interface Containers {
  readonly offer: ContainerOffer;
  /** The whole wish; an older generation than the one followed is ignored. */
  want(desired: DesiredContainers): void;
  report(): ContainersReport;
  /** Of a container that runs here and declared the port; undefined else. */
  portOf(replicaId: string, port: number): PortAddress | undefined;
  /** What it wrote, in order; goes on until `signal` aborts when `follow`. Throws NOT_FOUND. */
  logs(request: LogsRequest, signal: AbortSignal): AsyncIterable<LogPart>;
  /** Runs a command in it. Resolves with its exit code. Throws NOT_FOUND, PEER_TIMEOUT. */
  exec(request: ExecRequest, onPart: (part: LogPart) => Promise<void>, signal: AbortSignal): Promise<number>;
  /** Finds what an earlier process left on the engine. */
  start(): Promise<void>;
  /** Ends and removes every container of this worker. Idempotent. */
  stop(): Promise<void>;
}

export interface LogsRequest {
  readonly replicaId: string;
  readonly tailLines: number;
  readonly sinceAt: number | null;
  readonly follow: boolean;
}

export interface ExecRequest {
  readonly replicaId: string;
  readonly command: readonly string[];
  readonly stdin: Uint8Array;
  readonly timeoutMs: number;
}
