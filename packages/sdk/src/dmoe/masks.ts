import { MASKED } from './graph-contract.ts';

/** Where the new rows stand, and how much of the past there is. */
export interface MaskShape {
  /** New rows of this call. */
  readonly rows: number;
  /** Cache rows in use: the new rows' positions start here. */
  readonly length: number;
  /** Cache rows there are; those from `length` on are empty. */
  readonly capacity: number;
  /** Query heads per key/value head: the masks repeat that often. */
  readonly repeat: number;
  /** Tokens a position sees, itself included; null = all. */
  readonly window: number | null;
}

/** Row-major mask: 0 where visible, MASKED elsewhere. */
export interface Mask {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * What the new rows see of the cache: [1, capacity] when all see the same, else [repeat * rows, capacity]
 * (a sliding window that has begun to move). Row r is token r % rows.
 */
export function pastMask(shape: MaskShape): Mask {
  const { rows, length, capacity, repeat, window } = shape;
  const slides = window !== null && length + rows > window;
  if (!slides) {
    return { values: new Float32Array(capacity).fill(MASKED, length), rows: 1, columns: capacity };
  }
  const values = new Float32Array(repeat * rows * capacity).fill(MASKED);
  for (let r = 0; r < repeat * rows; r++) {
    const first = Math.max(0, length + (r % rows) - window + 1);
    if (first < length) values.fill(0, r * capacity + first, r * capacity + length);
  }
  return { values, rows: repeat * rows, columns: capacity };
}

/** What the new rows see of each other: causal, inside the window. [repeat * rows, rows] */
export function newMask(shape: MaskShape): Mask {
  const { rows, repeat, window } = shape;
  const values = new Float32Array(repeat * rows * rows).fill(MASKED);
  for (let r = 0; r < repeat * rows; r++) {
    const token = r % rows;
    const first = window === null ? 0 : Math.max(0, token - window + 1);
    values.fill(0, r * rows + first, r * rows + token + 1);
  }
  return { values, rows: repeat * rows, columns: rows };
}
