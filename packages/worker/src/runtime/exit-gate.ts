/** Longest time that the process waits for one call of ONNX Runtime before it exits all the same. */
const MAX_WAIT_MS = 5_000;

const SHUT = 0;
const INSIDE = 1;

/**
 * Stands before ONNX Runtime: a thread that is ended inside a call takes the whole process down with it (its
 * binding throws where nothing can catch). So before the process exits, the main thread shuts the gate and
 * waits until the thread is outside. Shared memory, because nothing asynchronous runs at exit.
 */
export interface ExitGate {
  readonly memory: SharedArrayBuffer;
  /** Compute thread, before a call. Blocks for ever once the gate is shut. */
  enter(): void;
  /** Compute thread, after a call. */
  leave(): void;
  /** Main thread: lets nobody in any more and waits until nobody is inside. Synchronous. */
  shut(): void;
}

export function createExitGate(memory = new SharedArrayBuffer(8)): ExitGate {
  const state = new Int32Array(memory);
  const leave = () => {
    Atomics.sub(state, INSIDE, 1);
    Atomics.notify(state, INSIDE);
  };
  return {
    memory,
    enter() {
      Atomics.add(state, INSIDE, 1);
      if (Atomics.load(state, SHUT) === 0) return;
      leave();
      Atomics.wait(state, SHUT, 1);
    },
    leave,
    shut() {
      Atomics.store(state, SHUT, 1);
      const until = performance.now() + MAX_WAIT_MS;
      for (let inside = Atomics.load(state, INSIDE); inside > 0; inside = Atomics.load(state, INSIDE)) {
        if (Atomics.wait(state, INSIDE, inside, until - performance.now()) === 'timed-out') return;
      }
    },
  };
}
