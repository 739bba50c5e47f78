/** Every method of every protocol, numbered for the frame header. A retired number is never used again. */
export const Method = {
  // /rios/ctl/1
  hello: 1,
  heartbeat: 2,
  assign: 3,
  drain: 4,
  /** Orchestrator to worker: every container that it shall have. */
  containers: 5,
  /** Worker to orchestrator: signed receipts of containers' time. */
  containerReceipts: 6,
  // /rios/data/1
  generate: 16,
  sessionOpen: 17,
  sessionClose: 18,
  /** Push: hidden rows to the next stage, or from the last stage back to the first. */
  hidden: 19,
  /** Push: a stage tells the first stage that the session cannot go on. */
  sessionFailed: 20,
  experts: 21,
  /** Before the first `experts` of a session on a link: the ticket. */
  expertsOpen: 22,
  /** What the receipts of a session would say if it ended now. */
  sessionReceipts: 23,
  // /rios/blob/1
  chunk: 32,
  /** Which files of a model the peer holds. */
  holdings: 33,
  // /rios/orchestrator/1
  putChunk: 48,
  missingChunks: 49,
  // /rios/app/1
  logs: 64,
  exec: 65,
} as const;
export type Method = (typeof Method)[keyof typeof Method];

/** One libp2p protocol: its id and its bounds, said once for both ends. */
export interface Protocol {
  readonly id: string;
  readonly methods: readonly Method[];
  readonly maxInboundStreams: number;
  /** Default time for one answer. */
  readonly timeoutMs: number;
  readonly maxMetaBytes: number;
  readonly maxBodyBytes: number;
  /** Requests that may be unanswered at once, in each direction of a link; 256 unless said. */
  readonly maxRequests?: number;
}

/** Worker to orchestrator, for as long as the worker lives: hello, heartbeats, assignments. */
export const CONTROL: Protocol = {
  id: '/rios/ctl/1',
  methods: [
    Method.hello,
    Method.heartbeat,
    Method.assign,
    Method.drain,
    Method.containers,
    Method.containerReceipts,
  ],
  maxInboundStreams: 2,
  timeoutMs: 5_000,
  maxMetaBytes: 4 * 1024 * 1024,
  maxBodyBytes: 0,
};

/** Requests and tensors: orchestrator to first stage, stage to stage, stage to expert. */
export const DATA: Protocol = {
  id: '/rios/data/1',
  methods: [
    Method.generate,
    Method.sessionOpen,
    Method.sessionClose,
    Method.hidden,
    Method.sessionFailed,
    Method.experts,
    Method.expertsOpen,
    Method.sessionReceipts,
  ],
  maxInboundStreams: 4,
  timeoutMs: 30_000,
  maxMetaBytes: 4 * 1024 * 1024,
  maxBodyBytes: 32 * 1024 * 1024,
};

/** Chunks of model files, from the store and between workers. */
export const BLOB: Protocol = {
  id: '/rios/blob/1',
  methods: [Method.chunk, Method.holdings],
  maxInboundStreams: 4,
  timeoutMs: 30_000,
  maxMetaBytes: 512 * 1024,
  maxBodyBytes: 4 * 1024 * 1024,
  // each answer is a chunk in memory until the peer has read it
  maxRequests: 16,
};

/** Orchestrator to orchestrator: an upload that came to one, but whose home is another. */
export const ORCHESTRATOR: Protocol = {
  id: '/rios/orchestrator/1',
  methods: [Method.putChunk, Method.missingChunks],
  maxInboundStreams: 2,
  timeoutMs: 30_000,
  maxMetaBytes: 64 * 1024,
  maxBodyBytes: 4 * 1024 * 1024,
  // each is a chunk in memory until it is written
  maxRequests: 16,
};

/** Orchestrator to worker, about one container: its logs, a command in it. Bytes to its port go by /rios/tunnel/1. */
export const APP: Protocol = {
  id: '/rios/app/1',
  methods: [Method.logs, Method.exec],
  maxInboundStreams: 2,
  timeoutMs: 30_000,
  maxMetaBytes: 64 * 1024,
  maxBodyBytes: 4 * 1024 * 1024,
  maxRequests: 64,
};

/**
 * The only thing an unknown peer may do: one stream, 4 KiB, 2 s. Not framed: length-prefixed JSON.
 * listener -> dialler: Signed certificate; dialler -> listener: join request; listener -> dialler: reply or error.
 */
export const JOIN = { id: '/rios/join/1', maxBytes: 4096, timeoutMs: 2_000 } as const;
