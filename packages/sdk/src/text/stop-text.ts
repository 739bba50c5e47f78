/** What may be shown after more text arrived. */
export interface StopStep {
  readonly text: string;
  /** True once a stop string was found: nothing follows. */
  readonly stopped: boolean;
}

/** Watches a stream of text for stop strings. */
export interface StopText {
  push(text: string): StopStep;
  /** What was held back, now that no more text comes. */
  end(): string;
}

/**
 * Shows text up to the first stop string and never a part of one: while the end of the text could begin a
 * stop string, it is held back.
 */
export function createStopText(stops: readonly string[]): StopText {
  let held = '';
  let stopped = false;
  return {
    push(text) {
      if (stopped) return { text: '', stopped };
      const pending = held + text;
      const found = firstStop(pending, stops);
      stopped = found >= 0;
      const shown = stopped ? found : pending.length - unsure(pending, stops);
      held = stopped ? '' : pending.slice(shown);
      return { text: pending.slice(0, shown), stopped };
    },
    end() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

function firstStop(text: string, stops: readonly string[]): number {
  const places = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}

/** Length of the longest end of `text` that is a beginning of a stop string. */
function unsure(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (stops.some((stop) => stop.length > length && stop.startsWith(end))) return length;
  }
  return 0;
}
