import { PREFILL_CHUNK } from '@rios/sdk/dmoe/graph-contract';
import type { Chain, Launched } from './chain.ts';

/** Chunks of a prompt that may be under way along the chain at once. */
const MAX_IN_FLIGHT = 4;

/** One chunk of a prompt, computed. */
export interface PromptChunk {
  readonly position: number;
  readonly rows: number;
  /** [rows, hidden] after the last layer. */
  readonly hidden: Float32Array;
}

/**
 * Runs a prompt through the chain in PREFILL_CHUNK chunks and gives them in order. Later chunks are already
 * under way while earlier ones come back. `embed` gives the rows of some ids.
 */
export async function* promptPass(
  ids: readonly number[],
  chain: Chain,
  embed: (ids: readonly number[]) => Float32Array,
): AsyncGenerator<PromptChunk> {
  const flying: { position: number; rows: number; launched: Launched }[] = [];
  const land = async (): Promise<PromptChunk | undefined> => {
    const first = flying.shift();
    if (first === undefined) return undefined;
    return { position: first.position, rows: first.rows, hidden: await first.launched.done };
  };
  for (let position = 0; position < ids.length; position += PREFILL_CHUNK) {
    const chunk = ids.slice(position, position + PREFILL_CHUNK);
    const launched = await chain.launch(chunk.length, embed(chunk));
    flying.push({ position, rows: chunk.length, launched });
    if (flying.length < MAX_IN_FLIGHT) continue;
    const landed = await land();
    if (landed !== undefined) yield landed;
  }
  for (let landed = await land(); landed !== undefined; landed = await land()) yield landed;
}
