import { createHash } from 'node:crypto';
import { createLineRoot } from '@rios/sdk/settlement/line-root';
import { expect } from 'chai';

const sha256 = (...parts: readonly Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, section 2.1, word by word. */
function treeHash(lines: readonly Buffer[]): Buffer {
  const [only] = lines;
  if (lines.length <= 1) return only === undefined ? sha256() : sha256(Uint8Array.of(0), only);
  const split = 2 ** Math.floor(Math.log2(lines.length - 1));
  return sha256(Uint8Array.of(1), treeHash(lines.slice(0, split)), treeHash(lines.slice(split)));
}

describe('line root', () => {
  it('default: the Merkle tree hash of RFC 6962 after each line', () => {
    const root = createLineRoot();
    const lines: Buffer[] = [];
    for (let count = 1; count <= 70; count++) {
      const line = Buffer.from(`line ${count}`);
      lines.push(line);
      root.add(line);
      expect(root.root(), `${count} lines`).to.equal(`0x${treeHash(lines).toString('hex')}`);
    }
  });
});
