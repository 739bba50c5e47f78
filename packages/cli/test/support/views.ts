import type { Completion, ModelView, StatusView, WorkerView } from '@rios/sdk/schema/api';
import type { RunSummary } from '@rios/sdk/schema/inference';
import type { WorkerStatus } from '@rios/sdk/schema/worker-process';

export const SHA256 = 'a'.repeat(64);
export const PEERS = ['A', 'B', 'C'].map((letter) => `12D3KooW${letter.repeat(44)}`) as [
  string,
  string,
  string,
];

/** A model that is ready as an island; fields can be replaced. */
export function modelView(fields: Partial<ModelView> = {}): ModelView {
  return {
    name: 'tiny',
    modelHash: SHA256,
    state: 'ready',
    reason: 'placed as island',
    sizeBytes: 3_000_000,
    parameters: 5_512_896,
    shape: 'island',
    placement: {
      modelHash: SHA256,
      shape: 'island',
      stages: [
        {
          workerId: PEERS[0],
          from: 0,
          to: 4,
          experts: [
            { workerId: PEERS[0], parts: ['experts.000.000'] },
            { workerId: PEERS[1], parts: ['experts.000.001'] },
          ],
        },
      ],
      predictedTpotMs: 4.25,
      rejected: [{ subject: 'chain', reason: 'slower' }],
    },
    error: null,
    createdAt: 1,
    ...fields,
  };
}

export function workerView(fields: Partial<WorkerView> = {}): WorkerView {
  return {
    id: PEERS[0],
    state: 'listed',
    reason: '',
    offer: null,
    addresses: ['/ip4/127.0.0.1/tcp/1'],
    parts: [{ modelHash: SHA256, partId: 'embed', state: 'ready' }],
    freeMemoryBytes: 1024 ** 3,
    loopDelayP99Ms: 1.5,
    lastSeenAt: 5,
    joinedAt: 1,
    wallet: null,
    stakeWei: null,
    stakeReadAt: null,
    ...fields,
  };
}

/** A worker process that lends 17.0 GiB of a machine with 22.4 GiB free. */
export function workerStatus(fields: Partial<WorkerStatus> = {}): WorkerStatus {
  return {
    pid: 4711,
    peerId: PEERS[0],
    name: 'w1',
    startedAt: 1,
    version: '0.1.0',
    state: 'listed',
    orchestrator: PEERS[2],
    networkId: `net_${'0'.repeat(32)}`,
    addresses: [],
    offer: {
      name: 'w1',
      region: '',
      labels: {},
      price: '0',
      engine: { runtime: 'onnxruntime', provider: 'cpu', numericClass: 'test', threads: 2, device: 'cpu' },
      cores: 2,
      isa: 'avx2',
      memoryBytes: 17 * 1024 ** 3,
      readBytesPerSecond: 1e10,
      expertMs: 0.2,
      sealingKey: 'A'.repeat(43),
    },
    parts: [],
    containers: [],
    sessions: 0,
    freeMemoryBytes: 22.4 * 1024 ** 3,
    loopDelayP99Ms: 1.5,
    ...fields,
  };
}

export function statusView(fields: Partial<StatusView> = {}): StatusView {
  return {
    networkId: `net_${'0'.repeat(32)}`,
    orchestrator: PEERS[2],
    version: '0.1.0',
    startedAt: 1,
    addresses: [],
    orchestrators: [
      { peerId: PEERS[2], addresses: [], apiUrl: 'http://127.0.0.1:4242', version: '0.1.0', startedAt: 1 },
    ],
    workers: [workerView()],
    models: [modelView()],
    requests: { running: 0, succeeded: 2, failed: 1 },
    events: [{ id: 1, at: 1, kind: 'worker.lost', subject: PEERS[1], message: 'its lease ended' }],
    rssBytes: 1024 ** 2,
    ...fields,
  };
}

export function runSummary(fields: Partial<RunSummary> = {}): RunSummary {
  return {
    requestId: 'req_0123456789',
    model: 'tiny',
    shape: 'island',
    ttftMs: 12,
    tokensPerSecond: 34.5,
    workers: [{ id: PEERS[0], name: 'w1', parts: ['embed'], calls: 3, expertCalls: 2 }],
    ids: [5, 6],
    ...fields,
  };
}

export function completion(text: string, fields: Partial<Completion> = {}): Completion {
  return {
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1,
    model: 'tiny',
    choices: [{ index: 0, text, finish_reason: null, logprobs: null }],
    ...fields,
  };
}

/** A whole stream: the pieces, the end, usage with our summary, and [DONE]. */
export function streamOf(texts: readonly string[], summary = runSummary()): string {
  const end = completion('', { choices: [{ index: 0, text: '', finish_reason: 'length', logprobs: null }] });
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  const last = completion('', { choices: [], usage, rios: summary });
  const chunks = [...texts.map((text) => completion(text)), end, last];
  return `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;
}
