import { fitLine, type Sample } from './linear-fit.ts';

/** By how much the fitted memory of the orchestrator may grow over what is judged, however long that is. */
export const MAX_GROWTH_BYTES = 24 * 1024 * 1024;
/** The beginning is not judged: pools, caches and compiled code fill up then. */
const WARM_UP_SHARE = 0.2;

/** What the load saw. */
export interface LoadResult {
  readonly seconds: number;
  readonly listeners: {
    readonly asked: number;
    /** Open to the end. */
    readonly open: number;
    readonly events: number;
    /** Listeners that did not hear every event once, in order. */
    readonly incomplete: number;
  };
  readonly streams: {
    readonly asked: number;
    readonly completed: number;
    readonly tokens: number;
    /** Answers that differ from another to the same prompt. */
    readonly different: number;
  };
  /** What went wrong, the first few; and how often. */
  readonly errors: { readonly count: number; readonly first: readonly string[] };
  readonly rss: readonly Sample[];
}

export interface Verdict {
  readonly ok: boolean;
  readonly reasons: readonly string[];
  readonly rss: {
    readonly samples: number;
    readonly firstBytes: number;
    readonly lastBytes: number;
    readonly maxBytes: number;
    /** Of the line through the last 80 %. */
    readonly bytesPerMinute: number;
    readonly growthBytes: number;
    readonly maxGrowthBytes: number;
  };
}

/** Judges a soak: no error, every listener and stream served, the orchestrator's memory flat. Pure. */
export function judge({ listeners, streams, errors, rss }: LoadResult): Verdict {
  const judged = rss.slice(Math.floor(rss.length * WARM_UP_SHARE));
  const { slope } = fitLine(judged);
  const spanMs = (judged.at(-1)?.atMs ?? 0) - (judged[0]?.atMs ?? 0);
  const growthBytes = Math.round(slope * spanMs);
  const reasons = [
    errors.count > 0 && `${errors.count} errors, the first: ${errors.first[0]}`,
    listeners.open < listeners.asked && `${listeners.asked - listeners.open} listeners were cut off`,
    listeners.events === 0 && 'no event was heard',
    listeners.incomplete > 0 && `${listeners.incomplete} listeners missed events`,
    streams.completed < streams.asked && `${streams.completed} of ${streams.asked} streams completed`,
    streams.different > 0 && `${streams.different} answers differ`,
    judged.length < 5 && 'too few samples of the memory',
    growthBytes > MAX_GROWTH_BYTES && `the memory grew by ${growthBytes} bytes`,
  ].filter((reason) => reason !== false);
  return {
    ok: reasons.length === 0,
    reasons,
    rss: {
      samples: rss.length,
      firstBytes: rss[0]?.value ?? 0,
      lastBytes: rss.at(-1)?.value ?? 0,
      maxBytes: Math.max(0, ...rss.map(({ value }) => value)),
      bytesPerMinute: Math.round(slope * 60_000),
      growthBytes,
      maxGrowthBytes: MAX_GROWTH_BYTES,
    },
  };
}
