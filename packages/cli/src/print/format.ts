const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** 1536 -> '1.5 KiB' */
export function formatBytes(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** 1234567 -> '1.23 M' */
export function formatCount(count: number): string {
  for (const [size, name] of [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (count >= size) return `${(count / size).toPrecision(3)} ${name}`;
  }
  return String(count);
}

/** 950 -> '950 ms', 75_000 -> '1m15s', 3_600_000 -> '1h0m' */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`;
  const seconds = durationMs / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${Math.round(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h${minutes % 60}m` : `${Math.floor(hours / 24)}d${hours % 24}h`;
}

/** How long ago, from `now`. */
export function formatAgo(at: number | null, now: number): string {
  return at === null ? 'never' : `${formatDuration(Math.max(0, now - at))} ago`;
}

/** 0.1234 -> '12.3 %' */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

const MAX_REASON = 100;

/** What fits into a column of a table; lines follow each other. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > MAX_REASON ? `${line.slice(0, MAX_REASON - 1)}…` : line;
}

/** The last 8 characters of a peer id: enough to tell workers apart in a table. */
export function shortId(id: string): string {
  return id.length > 16 ? `…${id.slice(-8)}` : id;
}
