import { formatBytes, formatDuration } from '../print/format.ts';

const BAR_CELLS = 24;

/** Bytes, share, rate and time left of one step, as text. Pure: the caller brings the time. */
export function formatMeter(doneBytes: number, totalBytes: number, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (doneBytes / elapsedMs) * 1000 : 0;
  const speed = rate > 0 ? ` ${formatBytes(rate)}/s` : '';
  if (totalBytes <= 0) return `${formatBytes(doneBytes)}${speed}`;
  const share = Math.min(1, doneBytes / totalBytes);
  const filled = Math.round(share * BAR_CELLS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
  const left =
    rate > 0 && share < 1 ? `, ${formatDuration(((totalBytes - doneBytes) / rate) * 1000)} left` : '';
  return `${bar} ${Math.floor(share * 100)} % ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}${speed}${left}`;
}
