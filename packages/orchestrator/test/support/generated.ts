import type { GeneratedEnd, LogprobEntry, RunSummary } from '@rios/sdk/schema/inference';

/** One position with alternatives, as a worker reports it. */
export const anEntry = (text: string, logprob: number | null, ...top: [string, number][]): LogprobEntry => ({
  id: text.length,
  text,
  logprob,
  top: top.map(([other, score], index) => ({ id: index, text: other, logprob: score })),
});

export const anEnd = (over: Partial<GeneratedEnd> = {}): GeneratedEnd => ({
  finishReason: 'length',
  usage: { promptTokens: 3, completionTokens: 2 },
  ttftMs: 5,
  totalMs: 20,
  shares: [],
  receipts: [],
  ...over,
});

export const aSummary = (requestId = 'req_0000000001'): RunSummary => ({
  requestId,
  model: 'tiny',
  shape: 'island',
  ttftMs: 5,
  tokensPerSecond: 100,
  workers: [],
  ids: [7, 8],
});
