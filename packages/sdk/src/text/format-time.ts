const two = (value: number) => String(value).padStart(2, '0');
const month = (time: Date, length: 'long' | 'short') =>
  new Intl.DateTimeFormat('en', { month: length }).format(time);

const PARTS: Readonly<Record<string, (time: Date) => string>> = {
  '%Y': (time) => String(time.getFullYear()),
  '%m': (time) => two(time.getMonth() + 1),
  '%d': (time) => two(time.getDate()),
  '%b': (time) => month(time, 'short'),
  '%B': (time) => month(time, 'long'),
  '%H': (time) => two(time.getHours()),
  '%M': (time) => two(time.getMinutes()),
  '%%': () => '%',
};

/** Local time by the parts of strftime that chat templates use; other parts stay as they are. */
export function formatTime(time: Date, format: string): string {
  return format.replace(/%./g, (part) => PARTS[part]?.(time) ?? part);
}
