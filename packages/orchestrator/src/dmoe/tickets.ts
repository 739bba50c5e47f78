import type { Input, Sampling } from '@rios/sdk/schema/inference';
import type { Placement } from '@rios/sdk/schema/route';
import type { ModelSummary, StagePlan } from './facts.ts';
import { expertParts, tableOf, trunkParts } from './memory.ts';

/** One edge of a request: who may ask whom for which parts, for how many token rows at most. */
export interface TicketEdge {
  readonly kind: 'stage' | 'experts';
  /** Index of the stage that it opens, or whose experts it asks for. */
  readonly stage: number;
  readonly holder: string;
  readonly audience: string;
  readonly parts: readonly string[];
  readonly maxUnits: number;
}

/** UTF-8 bytes of one UTF-16 unit at most, and room for the model's own normalisation: no tokeniser yields more. */
const TOKENS_PER_CHAR = 4;
/** Tokens that a tokeniser adds at the ends. */
const SPECIAL_TOKENS = 8;

/** How long a prompt is, before anybody tokenised it. */
export type PromptSize =
  | { readonly kind: 'ids'; readonly tokens: number }
  /** UTF-16 units. */
  | { readonly kind: 'text'; readonly chars: number }
  /** A chat's length depends on a template that only the first stage knows. */
  | { readonly kind: 'chat' };

/** Positions that a request can reach at most: its prompt and its answer, within the model's context. */
export function positionsBound(model: ModelSummary, input: Input, sampling: Sampling): number {
  return positionsFor(model, sizeOf(input), sampling.maxTokens);
}

/** The same for a prompt of that size and so many tokens of answer. */
export function positionsFor(model: ModelSummary, size: PromptSize, maxTokens: number): number {
  const { context } = model.dims;
  return Math.min(context, promptBound(size, context) + maxTokens);
}

function sizeOf(input: Input): PromptSize {
  switch (input.kind) {
    case 'ids':
      return { kind: 'ids', tokens: input.ids.length };
    case 'text':
      return { kind: 'text', chars: input.text.length };
    case 'chat':
      return { kind: 'chat' };
  }
}

function promptBound(size: PromptSize, context: number): number {
  switch (size.kind) {
    case 'ids':
      return size.tokens + SPECIAL_TOKENS;
    case 'text':
      return size.chars * TOKENS_PER_CHAR + SPECIAL_TOKENS;
    case 'chat':
      return context;
  }
}

/**
 * Every edge of a request: orchestrator to first stage, first stage to each other, each stage to the workers that
 * hold its experts. A stage's own experts come under its own ticket.
 */
export function ticketEdges(
  model: ModelSummary,
  placement: Placement,
  orchestrator: string,
  positions: number,
): TicketEdge[] {
  const first = placement.stages[0]?.workerId ?? '';
  return placement.stages.flatMap((stage, index) => {
    const opened = index === 0 ? orchestrator : first;
    return [
      stageEdge(model, stage, index, opened, positions),
      ...expertEdges(model, stage, index, positions),
    ];
  });
}

function stageEdge(
  model: ModelSummary,
  stage: StagePlan,
  index: number,
  holder: string,
  positions: number,
): TicketEdge {
  const table = tableOf(model);
  const trunk = trunkParts(table, stage.from, stage.to);
  const known = new Set(expertParts(table, stage.from, stage.to));
  const own = stage.experts
    .filter(({ workerId }) => workerId === stage.workerId)
    .flatMap(({ parts }) => parts.filter((part) => known.has(part)));
  const maxUnits = positions * (trunk.length + expertRows(model, own));
  return {
    kind: 'stage',
    stage: index,
    holder,
    audience: stage.workerId,
    parts: [...trunk, ...own],
    maxUnits,
  };
}

function expertEdges(model: ModelSummary, stage: StagePlan, index: number, positions: number): TicketEdge[] {
  return stage.experts
    .filter(({ workerId }) => workerId !== stage.workerId)
    .map(({ workerId, parts }) => ({
      kind: 'experts' as const,
      stage: index,
      holder: stage.workerId,
      audience: workerId,
      parts,
      maxUnits: positions * expertRows(model, parts),
    }));
}

/** Rows that these groups can compute for one position at most: top-k in each layer, or all experts if fewer. */
function expertRows(model: ModelSummary, parts: readonly string[]): number {
  const wanted = new Set(parts);
  const byLayer = new Map<number, number>();
  for (const { id, layer, experts } of model.parts) {
    if (wanted.has(id)) byLayer.set(layer, (byLayer.get(layer) ?? 0) + experts);
  }
  return [...byLayer.values()].reduce((sum, experts) => sum + Math.min(model.topK, experts), 0);
}
