import { RiosError } from '@rios/sdk/errors/error';
import type { PartId } from '@rios/sdk/ids';
import type { Work } from '../engine.ts';
import { createEvidence } from './evidence.ts';

/** Counts what one session computes, for its receipt (schema/trust.ts, receiptSchema). */
export interface WorkLog {
  /** Before computing: takes `rows` units of a part. Throws QUOTA_UNITS when the ticket allows no more. */
  spend(part: string, rows: number): void;
  expertRows(layer: number, expert: number, rows: number): void;
  /** A call in which experts were computed here. */
  expertCall(): void;
  busy(ms: number): void;
  /** A finished call: its row count, and the bytes that went in and came out. */
  call(rows: number, input: Uint8Array, output: Uint8Array): void;
  toWork(): Work;
  /** The same so far, without the rows of each expert: cheap enough to be asked while it computes. */
  soFar(): Work;
}

/** Experts of a layer, at most: more than any manifest has. */
const MAX_EXPERTS = 2 ** 20;

/** `salt` (32 random bytes) blinds the commitments: nobody can test guesses of the content against them. */
export function createWorkLog(maxUnits: number, salt: Uint8Array): WorkLog {
  const parts = new Set<string>();
  const chunks = new Map<number, number>();
  const experts = new Map<number, { readonly layer: number; readonly expert: number; rows: number }>();
  const evidence = createEvidence(salt);
  let spent = 0;
  let calls = 0;
  let expertCalls = 0;
  let busyMs = 0;
  const counted = () => ({
    parts: [...parts].sort() as PartId[],
    units: spent,
    calls,
    expertCalls,
    chunks: [...chunks].map(([rows, times]) => ({ rows, times })).sort((a, b) => a.rows - b.rows),
    ...evidence.read(),
    salt: Buffer.from(salt).toString('hex'),
    busyMs,
  });
  return {
    spend(part, rows) {
      if (spent + rows > maxUnits) throw overQuota(maxUnits);
      spent += rows;
      parts.add(part);
    },
    expertRows(layer, expert, rows) {
      const key = layer * MAX_EXPERTS + expert;
      const known = experts.get(key);
      if (known === undefined) experts.set(key, { layer, expert, rows });
      else known.rows += rows;
    },
    expertCall() {
      expertCalls++;
    },
    busy(ms) {
      busyMs += ms;
    },
    call(rows, input, output) {
      calls++;
      chunks.set(rows, (chunks.get(rows) ?? 0) + 1);
      evidence.add(input, output);
    },
    toWork: () => ({
      ...counted(),
      experts: [...experts.values()]
        .map((expert) => ({ ...expert }))
        .sort((a, b) => a.layer - b.layer || a.expert - b.expert),
    }),
    soFar: () => ({ ...counted(), experts: [] }),
  };
}

/** One log; where the cost of metering is measured none that counts, or many that count the same. */
export function createWorkLogs(times = 1, maxUnits: number, salt: Uint8Array): WorkLog {
  if (times === 0) return NO_WORK_LOG;
  const first = createWorkLog(maxUnits, salt);
  if (times === 1) return first;
  const others = Array.from({ length: times - 1 }, () => createWorkLog(maxUnits, salt));
  const each = (take: (log: WorkLog) => void) => {
    take(first);
    for (const other of others) take(other);
  };
  const last = (read: (log: WorkLog) => Work): Work => others.map(read).at(-1) ?? read(first);
  return {
    spend: (part, rows) => each((log) => log.spend(part, rows)),
    expertRows: (layer, expert, rows) => each((log) => log.expertRows(layer, expert, rows)),
    expertCall: () => each((log) => log.expertCall()),
    busy: (ms) => each((log) => log.busy(ms)),
    call: (rows, input, output) => each((log) => log.call(rows, input, output)),
    toWork: () => last((log) => log.toWork()),
    soFar: () => last((log) => log.soFar()),
  };
}

/** Counts nothing. */
const NO_WORK_LOG: WorkLog = {
  spend: () => {},
  expertRows: () => {},
  expertCall: () => {},
  busy: () => {},
  call: () => {},
  toWork: () => NO_WORK,
  soFar: () => NO_WORK,
};

const ZERO = '0'.repeat(64);
const NO_WORK: Work = {
  parts: [],
  units: 0,
  calls: 0,
  expertCalls: 0,
  chunks: [],
  experts: [],
  runningHash: ZERO,
  inputCommitment: ZERO,
  outputCommitment: ZERO,
  salt: ZERO,
  busyMs: 0,
};

const overQuota = (maxUnits: number) =>
  new RiosError('QUOTA_UNITS', 'the session would compute more than its ticket allows', {
    details: { maxUnits },
  });
