import { readFile } from 'node:fs/promises';
import { freemem } from 'node:os';

/** Where Linux says what a container may use. */
const LIMITS = [
  { limit: '/sys/fs/cgroup/memory.max', used: '/sys/fs/cgroup/memory.current' },
  {
    limit: '/sys/fs/cgroup/memory/memory.limit_in_bytes',
    used: '/sys/fs/cgroup/memory/memory.usage_in_bytes',
  },
] as const;

/** Bytes that this process may still take: the machine's available memory, or its container's if that is less. */
export async function availableMemoryBytes(read: typeof readNumber = readNumber): Promise<number> {
  let available = freemem();
  for (const { limit, used } of LIMITS) {
    const [limitBytes, usedBytes] = await Promise.all([read(limit), read(used)]);
    if (limitBytes === undefined || usedBytes === undefined) continue;
    available = Math.min(available, Math.max(0, limitBytes - usedBytes));
  }
  return available;
}

/** The share of the available memory that is offered unless the operator says how much. */
const OFFERED_SHARE = 0.75;

/** What to offer: the operator's wish as it is, else three quarters of what is available. */
export function offeredMemoryBytes(availableBytes: number, wishedBytes: number | undefined): number {
  return wishedBytes ?? Math.floor(availableBytes * OFFERED_SHARE);
}

/** A file holding one number; undefined when it is missing or says `max`. */
export async function readNumber(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => 'max');
  const value = Number(text.trim());
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
