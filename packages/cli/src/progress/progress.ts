/** How an action tells what it is doing. Actions know no terminal; commands pick where this goes. */
export interface Progress {
  /** A new step; the one before it is done. */
  step(text: string): void;
  /** New words for the step that runs. */
  update(text: string): void;
  /** Bytes done of the step that runs; `totalBytes` may be 0 when unknown. */
  bytes(doneBytes: number, totalBytes: number): void;
  /** Something that the user should read now, beside the running step. */
  note(text: string): void;
  /** Ends the running step. Safe to call twice. */
  stop(): void;
  /** Ends the running step as not done, if one runs. */
  fail(): void;
}

/** Says nothing: --quiet, and tests. */
export const silentProgress: Progress = {
  step() {},
  update() {},
  bytes() {},
  note() {},
  stop() {},
  fail() {},
};
