import type { StageForward } from './stage-forward.ts';

/** A chunk on its way: resolves with the rows [rows, hidden] that leave the model's last layer. */
export interface Launched {
  readonly done: Promise<Float32Array>;
}

/** All layers of the model as the first stage sees them: its own, then those of the stages after it. */
export interface Chain {
  /**
   * Sends rows into the model; resolves when the next ones may follow. `done` may come later, so chunks of a
   * prompt overlap along the chain.
   */
  launch(rows: number, hidden: Float32Array): Promise<Launched>;
}

/** Rows to and from the stages after the first. */
export interface ChainLinks {
  push(position: number, rows: number, hidden: Float32Array): Promise<void>;
  returned(position: number, rows: number): Promise<Float32Array>;
}

/** `links` is undefined when the first stage is the only one. */
export function createChain(forward: StageForward, links: ChainLinks | undefined): Chain {
  return {
    async launch(rows, hidden) {
      const position = forward.length;
      const output = await forward.run(rows, hidden);
      if (links === undefined) return { done: Promise.resolve(output) };
      const done = links.returned(position, rows);
      done.catch(() => {}); // whoever awaits `done` hears of it; until then it is not unhandled
      await links.push(position, rows, output);
      return { done };
    },
  };
}
