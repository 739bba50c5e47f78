import type { FindingView } from '../schema/settlement-results.ts';

export type Finding = Readonly<FindingView>;
/** What is not as it should be: its form, its order, a signature, an amount, a sum, or what the chain says. */
export type FindingKind = Finding['kind'];

/** Keeps the first findings, and counts all: what a hostile file makes us keep is bounded. */
export interface Findings {
  add(kind: FindingKind, message: string, about?: Partial<Omit<Finding, 'kind' | 'message'>>): void;
  /** Adds one unless both are the same. */
  compare(kind: FindingKind, message: string, values: Compared): void;
  readonly list: readonly Finding[];
  readonly count: number;
  /** So much is wrong that going on tells nothing more. */
  readonly isTooMuch: boolean;
}

export interface Compared {
  readonly expected: string | number | bigint;
  readonly actual: string | number | bigint;
  readonly line?: number;
}

const KEPT = 20;
const TOO_MANY = 1_000;

export function createFindings(): Findings {
  const list: Finding[] = [];
  let count = 0;
  const add: Findings['add'] = (kind, message, { line = null, expected = null, actual = null } = {}) => {
    count++;
    if (list.length < KEPT) list.push({ kind, message, line, expected, actual });
  };
  return {
    add,
    compare: (kind, message, { expected, actual, line }) => {
      if (expected === actual) return;
      add(kind, message, { expected: String(expected), actual: String(actual), line: line ?? null });
    },
    list,
    get count() {
      return count;
    },
    get isTooMuch() {
      return count >= TOO_MANY;
    },
  };
}
