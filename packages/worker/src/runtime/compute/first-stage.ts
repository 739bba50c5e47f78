import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import { createChain } from './chain.ts';
import { evaluate } from './evaluation.ts';
import { type Generator, generate } from './generation.ts';
import { createHead } from './head.ts';
import { writeHiddenRows } from './hidden-rows.ts';
import type { ModelText } from './model-text.ts';
import { createReturnedRows } from './returned-rows.ts';
import type { StageBase, StageRole } from './stage-base.ts';

/** The stage that embeds, applies the head, samples, and turns tokens into text. */
export function createFirstStage(base: StageBase, text: ModelText): StageRole {
  const { spec, lease, ort, work, stop, forward, links, clock } = base;
  const { dims, tokens } = lease.model.manifest;
  const returned = createReturnedRows(dims.hidden, stop, clock);
  const chainLinks = {
    push: (position: number, rows: number, hidden: Float32Array) =>
      stop.guard(links.push(position, rows, writeHiddenRows(hidden))),
    returned: returned.expect,
  };
  const generator: Generator = {
    chain: createChain(forward, spec.hasNext ? chainLinks : undefined),
    head: createHead(ort, lease, work),
    text,
    embed: createEmbed(base),
    context: Math.min(dims.context, spec.maxPositions),
    eos: tokens.eos,
    check: stop.check,
    onPart: links.part,
  };
  let running: Promise<unknown> | undefined;
  /** The cache belongs to one sequence: a session answers once. */
  const once = async <T>(act: () => Promise<T>): Promise<T> => {
    stop.check();
    if (running !== undefined) throw new RiosError('PEER_PROTOCOL', 'the session was already used');
    const result = act();
    running = result;
    try {
      return await result;
    } catch (error) {
      stop.stop(toRiosError(error));
      throw stop.error ?? error;
    }
  };
  return {
    hidden: returned.deliver,
    generate: (input, sampling) => once(() => generate(generator, input, sampling)),
    evaluate: (ids, wanted) => once(() => evaluate(generator, ids, wanted)),
    settled: async () => void (await running?.catch(() => {})),
  };
}

function createEmbed({ lease, work }: StageBase): Generator['embed'] {
  return (ids) => {
    const part = lease.part('embed');
    if (part.kind !== 'embed') throw new RiosError('MODEL_BUNDLE_INVALID', 'the embed part has no table');
    work.spend('embed', ids.length);
    return part.embedding.rows(ids);
  };
}
