import type { Completion, ModelView } from '@rios/sdk/schema/api';

export const SHA256 = 'a'.repeat(64);
export const PEER = `12D3KooW${'A'.repeat(44)}`;

/** A stored model; fields can be replaced. */
export function modelView(fields: Partial<ModelView> = {}): ModelView {
  return {
    name: 'tiny',
    modelHash: SHA256,
    state: 'stored',
    reason: '',
    sizeBytes: 10,
    parameters: 5,
    shape: null,
    placement: null,
    error: null,
    createdAt: 1,
    ...fields,
  };
}

/** One chunk of a streamed completion. */
export function chunk(text: string, fields: Partial<Completion> = {}): Completion {
  return {
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1,
    model: 'tiny',
    choices: [{ index: 0, text, finish_reason: null, logprobs: null }],
    ...fields,
  };
}
