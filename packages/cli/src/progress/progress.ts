/** How an action tells what it is doing. Actions know no terminal; commands pick where this goes. */
export interface Progress {
  /** A new step; the one before it is done. */
  step(text: string): void;
  /** Bytes done of the step that runs; `totalBytes` may be 0 when unknown. */
  bytes(doneBytes: number, totalBytes: number): void;
  /** Something that the user should read now, beside the running step. */
  note(text: string): void;
  /** Ends the running step. Safe to call twice. */
  stop(): void;
}

/** Says nothing: --quiet, and tests. */
export const silentProgress: Progress = { step() {}, bytes() {}, note() {}, stop() {} };
