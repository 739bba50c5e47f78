import { createHash } from 'node:crypto';

const LEAF = Uint8Array.of(0);
const BRANCH = Uint8Array.of(1);

/** A Merkle tree over lines as they come, in memory of the logarithm of their number (RFC 6962, section 2.1). */
export interface LineRoot {
  /** Bytes of one line without its end. */
  add(line: Uint8Array): void;
  /** 0x and 64 hex digits; more lines may follow. */
  root(): string;
}

export function createLineRoot(): LineRoot {
  /** Roots of whole subtrees from the largest to the smallest. */
  const whole: { readonly height: number; readonly hash: Buffer }[] = [];
  const merge = (hash: Buffer, height: number): void => {
    const last = whole.at(-1);
    if (last?.height !== height) {
      whole.push({ height, hash });
      return;
    }
    whole.pop();
    merge(hashOf(BRANCH, last.hash, hash), height + 1);
  };
  return {
    add: (line) => merge(hashOf(LEAF, line), 0),
    root: () => {
      const hashes = whole.map(({ hash }) => hash);
      const last = hashes.pop() ?? hashOf();
      const top = hashes.reduceRight((right, left) => hashOf(BRANCH, left, right), last);
      return `0x${top.toString('hex')}`;
    },
  };
}

function hashOf(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
